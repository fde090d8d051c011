import CFuzzer

/// A part of the gateway that reads outside bytes, with the properties that hold for every input.
package struct FuzzTarget: Sendable {
    /// The function that libFuzzer calls with each input.
    package typealias Entry = @convention(c) (_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt

    let name: String
    let entry: Entry

    /// - Parameters:
    ///   - name: the name on the command line and of the folder in `Corpora`.
    ///   - entry: a closure that calls `examine`.
    package init(_ name: String, _ entry: @escaping Entry) {
        self.name = name
        self.entry = entry
    }

    /// Lends the bytes that libFuzzer passed to `body`.
    ///
    /// Sound: libFuzzer keeps `count` bytes at `data` until the entry returns, and a span does not leave `body`.
    package static func examine(
        _ data: UnsafePointer<UInt8>?, _ count: Int, _ body: (Span<UInt8>) -> Void
    ) -> CInt {
        body(UnsafeBufferPointer(start: data, count: count).span)
        return 0
    }
}

/// The main function of a fuzzer: `PROGRAM TARGET [libFuzzer's options and corpora]`.
///
/// - Returns: the exit status. A property that does not hold ends the process, and libFuzzer then keeps the input.
package func runFuzzer(_ targets: [FuzzTarget]) -> CInt {
    let names = targets.map(\.name)
    guard CommandLine.argc > 1, let chosen = CommandLine.unsafeArgv[1],
        let target = targets.first(where: { $0.name == String(cString: chosen) })
    else {
        print("usage: TARGET [OPTION…] [CORPUS…], with a TARGET of \(names.joined(separator: ", "))")
        return 2
    }
    // libFuzzer reads the program's own arguments without the target.
    var arguments = CommandLine.unsafeArgv
    arguments[1] = arguments[0]
    arguments += 1
    var count = CommandLine.argc - 1
    return withUnsafeMutablePointer(to: &arguments) { arguments in
        // The C function takes pointers that it does not keep: they have the same layout with and without the optional.
        arguments.withMemoryRebound(to: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?.self, capacity: 1) {
            runFuzzDriver(&count, $0, target.entry)
        }
    }
}

/// Ends the process where a property does not hold.
@inline(__always)
package func require(_ holds: Bool, _ property: StaticString) {
    if !holds { fatalError("property broken: \(property)") }
}
