import OpenAIAPI

/// A function that translates a request, of either API.
package typealias Translation = ([UInt8], TranslationContext) throws(APIError) -> TranslatedRequest

/// The seconds at which test streams are translated.
package let testTime: Int64 = 1_700_000_007

/// The context of test requests.
package func testContext(forwardsReasoning: Bool = true) -> TranslationContext {
    TranslationContext(
        id: "0a1b", createdAt: 1_700_000_000, readers: EventReaders(), forwardsReasoning: forwardsReasoning)
}

/// The chat request for `body`.
package func chatRequest(
    _ body: String, forwardsReasoning: Bool = true, by translate: Translation
) throws(APIError) -> JSON? {
    let bytes = Array(body.utf8)
    return JSON(try translate(bytes, testContext(forwardsReasoning: forwardsReasoning)).pieces.joined(with: bytes))
}

/// The output for a stream that arrives in `pieces`.
package func translatedStream(_ pieces: [[UInt8]], by translator: any ResponseTranslator) -> [UInt8] {
    var output: [UInt8] = []
    for piece in pieces { translator.receive(piece.span, at: testTime, to: &output) }
    translator.finish(at: testTime, to: &output)
    return output
}
