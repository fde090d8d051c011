import Scanners
import Testing

@testable import OpenAIAPI

@Suite struct UsageLayoutTests {
    /// The usage of `document` under `layout`, with the paths below `prefix`.
    private func usage(_ layout: UsageLayout, _ document: String, below prefix: String = "") throws -> UpstreamUsage? {
        var paths = [JSONPath("other")]
        let usages = UsagePaths(layout, below: prefix, to: &paths)
        var scanner = JSONScanner(JSONPathSet(paths))
        try scanner.scan(Array(document.utf8).span)
        try scanner.finish()
        return usages.usage(in: scanner)
    }

    private let tokens = #"{"usage":{"prompt_tokens":5,"completion_tokens":6}}"#

    @Test func generationsStateInputAndOutput() throws {
        let found = try usage(.generation, tokens)
        #expect(found?.promptTokens == 5)
        #expect(found?.completionTokens == 6)
        #expect(found?.isStated == true)
    }

    @Test func inputTokensHaveNoOutput() throws {
        let found = try usage(.inputTokens, tokens)
        #expect(found?.promptTokens == 5)
        #expect(found?.completionTokens == 0)
        #expect(found?.isStated == true)
    }

    @Test func rerankIsBilledByItsTokens() throws {
        #expect(try usage(.rerank, tokens)?.isStated == true)
        let found = try usage(.rerank, #"{"meta":{"billed_units":{"search_units":2}}}"#)
        #expect(found?.searchUnits == 2)
        #expect(found?.isStated == false)
        let total = try usage(.rerank, #"{"usage":{"total_tokens":500}}"#)
        #expect(total?.promptTokens == 500)
        #expect(total?.isStated == true)
        let cohere = try usage(.rerank, #"{"meta":{"billed_units":{"search_units":2},"tokens":{"input_tokens":7}}}"#)
        #expect(cohere?.promptTokens == 7)
    }

    @Test(arguments: [
        #"{"meta":{"billed_units":{"input_tokens":5,"output_tokens":6},"tokens":{"input_tokens":75,"output_tokens":8}}}"#,
        #"{"meta":{"tokens":{"input_tokens":5,"output_tokens":6}}}"#,
        #"{"usage":{"billed_units":{"input_tokens":5,"output_tokens":6},"tokens":{"input_tokens":7,"output_tokens":8}}}"#,
        #"{"event_type":"stream-end","response":{"meta":{"billed_units":{"input_tokens":5,"output_tokens":6}}}}"#,
        #"{"type":"message-end","delta":{"usage":{"tokens":{"input_tokens":5,"output_tokens":6}}}}"#,
    ])
    func coheresPlaces(document: String) throws {
        let found = try usage(.any, document)
        #expect(found?.promptTokens == 5)
        #expect(found?.completionTokens == 6)
        #expect(found?.isStated == true)
    }

    @Test(arguments: [UsageLayout.messages, .any]) func anthropicCountsCachedInputBesideTheRest(layout: UsageLayout)
        throws
    {
        let found = try usage(
            layout,
            #"{"usage":{"input_tokens":5,"cache_read_input_tokens":100,"cache_creation_input_tokens":20,"output_tokens":6}}"#
        )
        #expect(found?.promptTokens == 125)
        #expect(found?.cachedTokens == 100)
        #expect(found?.completionTokens == 6)
    }

    @Test func cachedTokensBesideOpenAIsNamesArePartOfThem() throws {
        let found = try usage(
            .any, #"{"usage":{"prompt_tokens":125,"completion_tokens":6,"cache_read_input_tokens":100}}"#)
        #expect(found?.promptTokens == 125)
        #expect(found?.cachedTokens == 100)
    }

    @Test func countsAreTheLastStatementOfEach() throws {
        var found = try #require(
            try usage(
                .messages,
                #"{"type":"message_start","message":{"usage":{"input_tokens":25,"cache_read_input_tokens":9,"output_tokens":1}}}"#
            ))
        found.update(
            with: try #require(try usage(.messages, #"{"type":"message_delta","usage":{"output_tokens":15}}"#)))
        #expect(found.promptTokens == 34)
        #expect(found.completionTokens == 15)
        found.update(with: try #require(try usage(.messages, #"{"usage":{"input_tokens":26,"output_tokens":16}}"#)))
        #expect(found.promptTokens == 35)
        #expect(found.completionTokens == 16)
    }

    @Test func audioIsBilledByItsDurationAlone() throws {
        #expect(try usage(.audio, tokens) == nil)
        let found = try usage(.audio, #"{"duration":1.5}"#)
        #expect(found?.audioMilliseconds == 1500)
        #expect(found?.isStated == true)
    }

    @Test(arguments: [
        #"{"usage":{"prompt_tokens":5,"completion_tokens":6}}"#, #"{"usage":{"input_tokens":5,"output_tokens":6}}"#,
        #"{"response":{"usage":{"prompt_tokens":5,"completion_tokens":6}}}"#,
        #"{"response":{"usage":{"input_tokens":5,"output_tokens":6}}}"#,
        #"{"response":{"usage":{"input_tokens":5,"total_tokens":11}}}"#,
    ])
    func unknownEndpointsStateTokensUnderAllNames(document: String) throws {
        let found = try usage(.any, document)
        #expect(found?.promptTokens == 5)
        #expect(found?.completionTokens == 6)
        #expect(found?.isStated == true)
    }

    @Test func theOuterUsageGoesFirst() throws {
        let found = try usage(
            .any, #"{"response":{"usage":{"input_tokens":1}},"usage":{"input_tokens":5,"output_tokens":6}}"#)
        #expect(found?.promptTokens == 5)
    }

    @Test func theResponseMayBeNested() throws {
        let document = #"{"a":{"b":{"usage":{"prompt_tokens":5,"completion_tokens":6}}}}"#
        #expect(try usage(.generation, document, below: "a.b.")?.promptTokens == 5)
        #expect(try usage(.generation, document) == nil)
    }
}
