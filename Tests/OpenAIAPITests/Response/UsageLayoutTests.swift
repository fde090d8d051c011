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

    @Test func rerankIsBilledBySearchUnitsAlone() throws {
        #expect(try usage(.rerank, tokens)?.isStated == false)
        let found = try usage(.rerank, #"{"meta":{"billed_units":{"search_units":2}}}"#)
        #expect(found?.searchUnits == 2)
        #expect(found?.isStated == true)
    }

    @Test func audioIsBilledByItsDurationAlone() throws {
        #expect(try usage(.audio, tokens)?.isStated == false)
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
