import SeededRandom
import Testing

@testable import Transport

@Suite struct UnsentBytesTests {
    private struct Failed: Error {}

    @Test func anOffsetAtOrAfterTheEndAppendsNothing() {
        var unsent = UnsentBytes()
        append([1, 2], from: 2, to: &unsent)
        append([1, 2], from: 5, to: &unsent)
        #expect(unsent.count == 0)
    }

    @Test func aFailureKeepsTheBytes() {
        var unsent = UnsentBytes()
        append([1, 2, 3], from: 0, to: &unsent)
        unsent.drain { _ in 1 }
        #expect(throws: Failed.self) { try unsent.drain { (_) throws(Failed) -> Int in throw Failed() } }
        #expect(unsent.count == 2)
        #expect(content(of: &unsent) == [2, 3])
    }

    /// The model is an array whose first bytes are removed.
    @Test(arguments: 0..<100) func bytesLeaveInTheirOrder(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var unsent = UnsentBytes()
        var model: [UInt8] = []
        for _ in 0..<100 {
            if Bool.random(using: &random) {
                let bytes = (0..<Int.random(in: 0..<20, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
                let offset = Int.random(in: 0...bytes.count, using: &random)
                append(bytes, from: offset, to: &unsent)
                model += bytes[offset...]
            } else if !model.isEmpty {
                let accepted = Int.random(in: 0...model.count, using: &random)
                var seen: [UInt8] = []
                unsent.drain {
                    seen = Array($0)
                    return accepted
                }
                #expect(seen == model)
                model.removeFirst(accepted)
            }
            #expect(unsent.count == model.count)
        }
    }

    private func append(_ bytes: [UInt8], from offset: Int, to unsent: inout UnsentBytes) {
        bytes.withUnsafeBytes { unsent.append($0, from: offset) }
    }

    private func content(of unsent: inout UnsentBytes) -> [UInt8] {
        var content: [UInt8] = []
        unsent.drain {
            content = Array($0)
            return 0
        }
        return content
    }
}
