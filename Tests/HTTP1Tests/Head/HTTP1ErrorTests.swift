import Testing

@testable import HTTP1

@Suite struct HTTP1ErrorTests {
    private static let all: [HTTP1Error] = [
        .invalidLineEnding, .invalidRequestLine, .invalidMethod, .invalidTarget, .targetTooLong, .unsupportedVersion,
        .connectUnsupported, .invalidStatusLine, .missingColon, .invalidHeaderName, .whitespaceBeforeColon,
        .obsoleteLineFolding, .invalidHeaderValue, .headersTooLarge, .tooManyHeaders, .missingHost, .repeatedHost,
        .invalidHost, .conflictingFraming, .invalidTransferCoding, .unsupportedTransferCoding, .transferCodingInHTTP10,
        .invalidContentLength, .repeatedContentLength, .unsupportedExpectation, .invalidChunkSize,
        .invalidChunkExtension,
        .chunkLineTooLong, .missingChunkEnd, .trailersTooLarge, .repeatedField, .tooManyInterimResponses,
        .unexpectedEnd,
    ]

    @Test(arguments: all)
    func everyErrorSaysWhatToAnswer(error: HTTP1Error) {
        #expect([400, 414, 417, 431, 501, 502, 505].contains(error.status))
        #expect(error.code.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "_" })
        // What is wrong, and what to do: two sentences at least.
        #expect(error.message.hasSuffix("."))
        #expect(error.message.split(separator: ". ").count >= 2)
    }

    @Test func messagesTellErrorsApart() {
        #expect(Set(Self.all.map(\.message)).count == Self.all.count)
    }

    @Test func statusesOfTheSpecification() {
        #expect(HTTP1Error.unsupportedVersion.status == 505)
        #expect(HTTP1Error.targetTooLong.status == 414)
        #expect(HTTP1Error.unsupportedExpectation.status == 417)
        #expect(HTTP1Error.headersTooLarge.status == 431)
        #expect(HTTP1Error.unsupportedTransferCoding.status == 501)
        #expect(HTTP1Error.conflictingFraming.status == 400)
        #expect(HTTP1Error.conflictingFraming.code == "conflicting_framing")
        #expect(HTTP1Error.whitespaceBeforeColon.code == "invalid_header")
        #expect(HTTP1Error.headersTooLarge.code == "headers_too_large")
        #expect(HTTP1Error.unexpectedEnd.code == "unexpected_end")
    }
}
