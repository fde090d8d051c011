import Testing

@testable import Scanners

@Suite struct JSONErrorTests {
    @Test func everyMessageSaysWhereAndReadsAsASentence() {
        let kinds: [JSONError.Kind] = [
            .syntax, .invalidNumber, .nonFiniteNumber, .invalidUTF8, .invalidEscape, .controlCharacter, .tooDeep,
            .duplicateMember(name: "model"), .misspelledMember(name: "user"), .unexpectedEnd, .trailingBytes,
        ]
        let messages = kinds.map { JSONError($0, at: 4711).message }
        #expect(messages.allSatisfy { $0.contains("byte 4711") && $0.hasSuffix(".") })
        #expect(Set(messages).count == kinds.count)
        #expect(messages[7].contains("\"model\""))
        #expect(messages[8].contains("\"user\""))
    }
}
