import SeededRandom
import Testing

@testable import HTTP1

@Suite struct SpanScanningTests {
    @Test func controlsAreFoundAsByTheModel() {
        var generator = SeededGenerator(seed: 2)
        let telling: [UInt8] = [0, 1, 9, 10, 13, 31, 32, 33, 126, 127, 128, 129, 159, 160, 254, 255]
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...40, using: &generator)
            // Most bytes harmless, so that the match is often far from the start.
            let bytes = (0..<count).map { _ in
                Int.random(in: 0..<8, using: &generator) == 0 ? telling.randomElement(using: &generator)! : 0x80
            }
            let start = Int.random(in: 0...count, using: &generator)
            let end = Int.random(in: start...count, using: &generator)
            let expected = bytes[start..<end].firstIndex { $0 < 32 || $0 == 127 } ?? end
            #expect(bytes.span.indexOfControl(from: start, to: end) == expected)
        }
    }

    @Test(arguments: [
        ("", [""]), ("a", ["a"]), ("a,b", ["a", "b"]), (" a\t, b ,", ["a", "b", ""]), (",", ["", ""]),
        ("\"a,b\",c", ["\"a,b\"", "c"]), ("\"a\\\",b\",c", ["\"a\\\",b\"", "c"]), ("\"a,b", ["\"a,b"]),
        ("\"a\\", ["\"a\\"]),
        ("a\\,b", ["a\\", "b"]),
    ])
    func listMembers(text: String, members: [String]) {
        let bytes = Array("x\(text)y".utf8)
        var position = 1
        var found: [String] = []
        while let member = bytes.span.nextListMember(&position, end: bytes.count - 1) {
            found.append(String(decoding: bytes[member], as: UTF8.self))
        }
        #expect(found == members)
    }
}
