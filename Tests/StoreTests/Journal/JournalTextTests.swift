import SeededRandom
import Testing

@testable import Store

@Suite struct JournalTextTests {
    @Test func textsComeBackInTheirOrder() {
        withMemory { memory in
            var writer = TextWriter(memory)
            writer.append("chat/completions", 32)
            writer.append(nil, 10)
            writer.append("", 10)
            writer.append(Optional("zoë 🦉"), 64)
            var reader = TextReader(memory)
            #expect(reader.next(32) == "chat/completions")
            #expect(reader.next(10) == nil)
            #expect(reader.next(10) == "")
            #expect(reader.next(64) == "zoë 🦉")
            #expect(reader.isSound)
        }
    }

    @Test func aCutTextIsAPrefixWithinItsBound() {
        var generator = SeededGenerator(seed: 2)
        withMemory { memory in
            for _ in 0..<2000 {
                let text = String(
                    (0..<generator.number(0...80)).map { _ in generator.pick(["a", "é", "€", "🦉"]) as Character })
                let bound = generator.number(0...254)
                var writer = TextWriter(memory)
                writer.append(text, bound)
                var reader = TextReader(memory)
                let read = reader.next(bound) ?? "?"
                #expect(text.unicodeScalars.starts(with: read.unicodeScalars))
                #expect(read.utf8.count <= bound)
                #expect(read == text || read.utf8.count > bound - 4)
            }
        }
    }

    @Test func aLengthBeyondTheBoundEndsTheReading() {
        withMemory { memory in
            var writer = TextWriter(memory)
            writer.append("twelve bytes", 20)
            writer.append("more", 20)
            var reader = TextReader(memory)
            #expect(reader.next(11) == nil)
            #expect(!reader.isSound)
            #expect(reader.next(20) == nil)
        }
    }

    private func withMemory(_ body: (UnsafeMutableRawPointer) -> Void) {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: 1024, alignment: 8)
        defer { memory.deallocate() }
        body(memory)
    }
}
