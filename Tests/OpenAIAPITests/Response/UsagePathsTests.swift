import OpenAIAPI
import Testing

@Suite struct UsagePathsTests {
    private func usage(_ json: String, _ endpoint: Endpoint = .chatCompletions) -> UpstreamUsage? {
        metadata(ofResponse: json, endpoint).counters.usage
    }

    private func tokens(_ usage: UpstreamUsage?) -> [Int64] {
        guard let usage else { return [] }
        return [
            usage.promptTokens, usage.completionTokens, usage.reasoningTokens, usage.cachedTokens,
        ]
    }

    @Test func theVendorsShape() {
        let found = usage(
            #"{"usage":{"completion_tokens":200,"prompt_tokens":70,"reasoning_tokens":30,"total_tokens":270}}"#)
        #expect(tokens(found) == [70, 200, 30, 0])
        #expect(found?.isStated == true)
    }

    @Test func theDetailedShape() {
        let found = usage(
            #"""
            {"usage":{"prompt_tokens":70,"completion_tokens":200,"total_tokens":270,
            "completion_tokens_details":{"reasoning_tokens":31},"prompt_tokens_details":{"cached_tokens":64}}}
            """#)
        #expect(tokens(found) == [70, 200, 31, 64])
    }

    @Test func theTopLevelReasoningGoesFirst() {
        let found = usage(
            #"{"usage":{"prompt_tokens":1,"completion_tokens":9,"reasoning_tokens":4,"completion_tokens_details":{"reasoning_tokens":5}}}"#
        )
        #expect(tokens(found) == [1, 9, 4, 0])
    }

    @Test func oneOfThreeFollowsFromTheOthers() {
        #expect(tokens(usage(#"{"usage":{"prompt_tokens":70,"completion_tokens":200}}"#)) == [70, 200, 0, 0])
        #expect(tokens(usage(#"{"usage":{"prompt_tokens":70,"total_tokens":270}}"#)) == [70, 200, 0, 0])
        #expect(tokens(usage(#"{"usage":{"completion_tokens":200,"total_tokens":270}}"#)) == [70, 200, 0, 0])
        for json in [
            #"{"usage":{"prompt_tokens":70}}"#, #"{"usage":{"total_tokens":270}}"#,
            #"{"usage":{"completion_tokens":1}}"#,
        ] {
            #expect(usage(json)?.isStated == false)
        }
    }

    @Test func embeddingsHaveNoCompletion() {
        #expect(tokens(usage(#"{"usage":{"prompt_tokens":8,"total_tokens":8}}"#, .embeddings)) == [8, 0, 0, 0])
        let total = usage(#"{"usage":{"total_tokens":8}}"#, .embeddings)
        #expect(tokens(total) == [8, 0, 0, 0])
        #expect(total?.isStated == true)
    }

    @Test(arguments: ["-1", "1.5", "1e300", "1099511627777", "\"7\"", "null", "true", "[]"])
    func whatIsNoNumberOfTokensIsNotStated(value: String) {
        let found = usage(#"{"usage":{"prompt_tokens":\#(value),"completion_tokens":5}}"#)
        #expect(found?.isStated == false)
        #expect(found?.promptTokens == 0)
    }

    @Test func integersMayBeWrittenAsFractions() {
        #expect(tokens(usage(#"{"usage":{"prompt_tokens":7.0,"completion_tokens":1e2}}"#)) == [7, 100, 0, 0])
        #expect(usage(#"{"usage":{"prompt_tokens":1099511627776,"completion_tokens":0}}"#)?.promptTokens == 1 << 40)
    }

    @Test func nothingIsNothing() {
        for json in [
            "{}", #"{"usage":null}"#, #"{"usage":{}}"#, #"{"usage":5}"#,
            #"{"choices":[{"usage":{"prompt_tokens":1}}]}"#,
        ] {
            #expect(usage(json) == nil)
        }
    }

    @Test func searchUnitsInBothPlaces() {
        for json in [
            #"{"usage":{"billed_units":{"search_units":3}}}"#, #"{"meta":{"billed_units":{"search_units":3}}}"#,
        ] {
            #expect(usage(json, .rerank)?.searchUnits == 3)
            #expect(usage(json, .rerank)?.isStated == false)
        }
        #expect(usage(#"{"usage":{"total_tokens":9}}"#, .rerank)?.isStated == true)
        #expect(usage(#"{"usage":{"total_tokens":9}}"#, .rerank)?.promptTokens == 9)
    }

    @Test(arguments: [
        (#"{"text":"a","duration":8.47}"#, 8470), (#"{"duration":"8.4701","segments":[{"end":99}]}"#, 8471),
        (#"{"segments":[{"start":0,"end":1.5},{"start":1.5,"end":62.001}]}"#, 62_001), (#"{"duration":0}"#, 0),
        (#"{"usage":{"type":"duration","seconds":9}}"#, 9000), (#"{"duration":1.2e2}"#, 120_000),
        (#"{"duration":"0.00001"}"#, 1), (#"{"duration":60.0000000000000000000001}"#, 60_000),
        (#"{"duration":"abc","segments":[{"end":3}]}"#, 3000), (#"{"duration":-1,"segments":[{"end":3}]}"#, 3000),
    ])
    func durations(json: String, milliseconds: Int64) {
        for endpoint in [Endpoint.transcriptions, .translations] {
            #expect(usage(json, endpoint)?.audioMilliseconds == milliseconds)
            #expect(usage(json, endpoint)?.isStated == true)
        }
    }

    @Test(arguments: [
        "{}", #"{"duration":null}"#, #"{"duration":"1e99"}"#, #"{"duration":1e-9223372036854775808}"#,
        #"{"usage":{"seconds":1e9223372036854775807}}"#, #"{"segments":[{"end":"1e-99999999999999999999"}]}"#,
        #"{"duration":9999999999999999999}"#, #"{"duration":""}"#,
        #"{"duration":"."}"#,
    ])
    func absurdDurationsAreNotStated(json: String) {
        #expect(usage(json, .transcriptions)?.isStated != true)
    }

    @Test func newerNamesOfForwardedPaths() {
        let found = usage(
            #"{"usage":{"input_tokens":5,"output_tokens":6,"output_tokens_details":{"reasoning_tokens":2},"input_tokens_details":{"cached_tokens":1}}}"#,
            .other)
        #expect(tokens(found) == [5, 6, 2, 1])
        #expect(found?.isStated == true)
        #expect(tokens(usage(#"{"usage":{"input_tokens":5,"output_tokens":6}}"#)) == [5, 6, 0, 0])
    }
}
