import Testing

@testable import Scanners

@Suite struct MultipartErrorTests {
    @Test func everyMessageSaysWhereAndReadsAsASentence() {
        let kinds: [MultipartError.Kind] = [
            .invalidDelimiter, .invalidHead, .headTooLarge, .tooManyParts, .invalidDisposition, .missingName,
            .ambiguousParameter, .unsupportedEncoding, .delimiterAfterEnd, .missingClosingDelimiter,
        ]
        let messages = kinds.map { MultipartError($0, at: 4711).message }
        #expect(messages.allSatisfy { $0.contains("byte 4711") && $0.hasSuffix(".") })
        #expect(Set(messages).count == kinds.count)
    }
}
