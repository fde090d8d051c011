import Foundation
import HTTPClient
import OpenAIAPI
import SeededRandom
import Testing

@testable import Gateway

@Suite struct BodyStoreTests {
    private func store(_ pieces: [[UInt8]], memoryLimit: Int, expected: Int? = nil) throws -> BodyStore {
        let store = BodyStore(expected: expected, memoryLimit: memoryLimit, directory: "/tmp")
        for piece in pieces { try store.append(piece.span) }
        try store.finish()
        return store
    }

    /// All bytes of `body`, read in steps of `step`.
    private func bytes(_ body: ClientRequest.Body, step: Int) throws -> [UInt8] {
        switch body {
        case .none: return []
        case .bytes(let bytes): return bytes
        case .stored(let stored):
            var all: [UInt8] = []
            while all.count < stored.length {
                let piece = try [UInt8](unsafeUninitializedCapacity: step) { buffer, count in
                    count = try stored.read(at: all.count, into: UnsafeMutableRawBufferPointer(buffer))
                }
                if piece.isEmpty { break }
                all += piece
            }
            return all
        }
    }

    /// System calls that write, as the kernel counts them.
    private func writesOfThisThread() throws -> Int {
        let counts = try String(contentsOfFile: "/proc/thread-self/io", encoding: .utf8)
        let line = try #require(counts.split(separator: "\n").first { $0.hasPrefix("syscw: ") })
        return try #require(Int(line.dropFirst(7)))
    }

    @Test func nothingIsNoBody() throws {
        guard case .none = try store([], memoryLimit: 10).outgoing(RequestEdits()).body else {
            return #expect(Bool(false), "a body without bytes")
        }
    }

    @Test func aSmallBodyStaysInMemory() throws {
        let outgoing = try store([[1, 2], [3]], memoryLimit: 3, expected: 3).outgoing(RequestEdits())
        guard case .bytes(let bytes) = outgoing.body else { return #expect(Bool(false), "\(outgoing.body)") }
        #expect(bytes == [1, 2, 3])
        #expect(outgoing.length == 3)
    }

    @Test func smallPiecesOfALargeBodyAreGathered() throws {
        let store = BodyStore(expected: nil, memoryLimit: 3, directory: "/tmp")
        let body = (0..<200_000).map { UInt8(truncatingIfNeeded: $0) }
        let before = try writesOfThisThread()
        for byte in body { try store.append([byte].span) }
        try store.finish()
        let writes = try writesOfThisThread() - before
        #expect(try bytes(store.outgoing(RequestEdits()).body, step: 4096) == body)
        // With a write for each byte this would be 200,000.
        #expect((1...8).contains(writes))
    }

    @Test func aLargeBodyGoesToAFile() throws {
        let store = try store([[1, 2], [3, 4]], memoryLimit: 3)
        #expect(store.count == 4)
        let outgoing = store.outgoing(RequestEdits())
        guard case .stored(let body) = outgoing.body else { return #expect(Bool(false), "\(outgoing.body)") }
        #expect(body.length == 4)
        #expect(try bytes(outgoing.body, step: 3) == [1, 2, 3, 4])
    }

    @Test(arguments: 0..<60)
    func editsGiveTheSameInMemoryAndInAFile(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let original = (0..<random.number(1...200)).map { _ in UInt8(random.number(0...255)) }
        var edits = RequestEdits()
        var expected: [UInt8] = []
        var position = 0
        while position < original.count {
            let end = min(original.count, position + random.number(1...40))
            if random.once(in: 2) {
                let inserted = [UInt8](repeating: 0xAA, count: random.number(0...9))
                edits.replace(position..<end, with: inserted)
                expected += inserted
            } else {
                expected += original[position..<end]
            }
            position = end
        }
        for limit in [0, original.count / 2, original.count] {
            let outgoing = try store(random.pieces(original), memoryLimit: limit).outgoing(edits)
            #expect(outgoing.length == expected.count)
            #expect(try bytes(outgoing.body, step: random.number(1...50)) == expected)
        }
    }
}
