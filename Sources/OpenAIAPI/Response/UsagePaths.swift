import Bytes
import Scanners

/// A `UsageLayout` as indices into a set of JSON paths.
struct UsagePaths: Sendable {
    private let basis: UpstreamUsage.Basis
    private let prompt: [Int]
    private let input: [Int]
    private let besideInput: [Int]
    private let output: [Int]
    private let total: [Int]
    private let reasoning: [Int]
    private let cached: [Int]
    private let searchUnits: [Int]
    private let seconds: [Int]

    /// Adds the paths of `layout` to `paths`. `prefix` is the path of the response in the document.
    init(_ layout: UsageLayout, below prefix: String = "", to paths: inout [JSONPath]) {
        func add(_ names: [String]) -> [Int] {
            names.map { name in
                paths.append(JSONPath(prefix + name))
                return paths.count - 1
            }
        }
        basis = layout.basis
        prompt = add(layout.prompt)
        input = add(layout.input)
        besideInput = add(layout.besideInput)
        output = add(layout.output)
        total = add(layout.total)
        reasoning = add(layout.reasoning)
        cached = add(layout.cached)
        searchUnits = add(layout.searchUnits)
        seconds = add(layout.seconds)
    }

    /// The usage that the document in `scanner` states; nil if it states none.
    func usage(in scanner: borrowing JSONScanner) -> UpstreamUsage? {
        var usage = UpstreamUsage(basis)
        usage.input = first(of: prompt, in: scanner)
        if usage.input == nil {
            usage.input = first(of: input, in: scanner)
            usage.besideInput = sum(of: besideInput, in: scanner)
        }
        usage.output = first(of: output, in: scanner)
        usage.total = first(of: total, in: scanner)
        usage.reasoning = first(of: reasoning, in: scanner)
        usage.cached = first(of: cached, in: scanner)
        usage.searchUnits = first(of: searchUnits, in: scanner)
        usage.audioMilliseconds = duration(in: scanner)
        return usage.isEmpty ? nil : usage
    }

    private func first(of indices: [Int], in scanner: borrowing JSONScanner) -> Int64? {
        for index in indices {
            if let value = count(index, in: scanner) { return value }
        }
        return nil
    }

    private func sum(of indices: [Int], in scanner: borrowing JSONScanner) -> Int64? {
        var sum: Int64?
        for index in indices {
            if let value = count(index, in: scanner) { sum = (sum ?? 0).addingSaturated(value) }
        }
        return sum
    }

    private func count(_ index: Int, in scanner: borrowing JSONScanner) -> Int64? {
        scanner.integer(index).flatMap { (0...UpstreamUsage.limit).contains($0) ? $0 : nil }
    }

    private func duration(in scanner: borrowing JSONScanner) -> Int64? {
        for index in seconds {
            guard let found = scanner.found(index), found.kind == .number || found.kind == .string else { continue }
            if let milliseconds = found.text.flatMap(AudioDuration.milliseconds) { return milliseconds }
        }
        return nil
    }
}
