import OpenAIAPI
import SeededRandom
import Testing

@Suite struct JSONRequestReaderTests {
    private let chat = """
        {"messages": [{"role": "user", "content": "Hé"}], "max_tokens": 20, "stream": true, "user": "zoé\\n",
         "model": "gpt-oss:120b", "stream_options": {"include_usage": true, "x": 1}, "n": 2, "seed": 18446744073709551615}
        """

    private func code(_ endpoint: Endpoint = .chatCompletions, _ body: String) -> String? {
        do throws(APIError) {
            _ = try metadata(endpoint, body)
            return nil
        } catch { return error.code }
    }

    private func parameter(_ body: String) -> String? {
        do throws(APIError) {
            _ = try metadata(.chatCompletions, body)
            return nil
        } catch { return error.param }
    }

    @Test func aChatRequestOverEverySplit() throws {
        for pieces in everySplit(Array(chat.utf8)) {
            let metadata = try metadata(.chatCompletions, pieces)
            #expect(metadata.model == "gpt-oss:120b")
            #expect(metadata.stream)
            #expect(metadata.includeUsage)
            #expect(!metadata.isMultipart)
            #expect(metadata.maxOutputTokens == 20)
            #expect(metadata.choices == 2)
            #expect(metadata.user == "zoé")
            #expect(metadata.counters.inputScalars == 6)
            #expect(metadata.counters.inputBytes == 7)
            #expect(metadata.counters.estimatedInputTokens == 2)
            let range = try #require(metadata.modelRange)
            #expect(Array(chat.utf8)[range].elementsEqual(#""gpt-oss:120b""#.utf8))
        }
    }

    @Test func aBareRequestHasDefaults() throws {
        let metadata = try metadata(.chatCompletions, #"{"model":"m"}"#)
        #expect(!metadata.stream)
        #expect(!metadata.includeUsage)
        #expect(metadata.maxOutputTokens == nil)
        #expect(metadata.choices == 1)
        #expect(metadata.user == nil)
        #expect(metadata.counters.images == 0)
        #expect(metadata.counters.estimatedInputTokens == 0)
    }

    @Test func nullIsAsGoodAsAbsent() throws {
        let metadata = try metadata(
            .chatCompletions,
            #"{"model":"m","stream":null,"stream_options":null,"max_tokens":null,"max_completion_tokens":null,"n":null,"user":null}"#
        )
        #expect(!metadata.stream)
        #expect(metadata.maxOutputTokens == nil)
        #expect(metadata.choices == 1)
        #expect(metadata.user == nil)
    }

    @Test(arguments: [
        "", " ", "{", "{\"model\":\"m\"", "{\"model\":\"m\"}}", "[]", "\"model\"", "nul", "{'model':1}", "\u{FEFF}",
        "\u{FEFF}[]",
        " \u{FEFF}{}", #"{"model":"m","temperature":NaN}"#, #"{"model":"m","x":[-Infinity]}"#,
    ])
    func whatIsNoJSONObjectIsRefused(body: String) {
        #expect(code(.chatCompletions, body) == "invalid_json")
        if !body.isEmpty { #expect(code(.batches, body) == "invalid_json") }
    }

    @Test func theMessageSaysWhereAndNothingOfTheBody() {
        #expect { try metadata(.chatCompletions, #"{"secret" "words"}"#) } throws: {
            let message = ($0 as? APIError)?.message ?? ""
            return message.contains("byte 10") && !message.contains("secret") && !message.contains("words")
        }
    }

    @Test func theModelIsNeededWhereItIs() {
        for endpoint in Endpoint.allCases where endpoint.bodyKind == .json {
            #expect(code(endpoint, "{}") == (endpoint.needsModel ? "missing_model" : nil))
        }
        for model in ["1", "null", "[]", "{}", "\"\"", "true", "\"" + String(repeating: "m", count: 257) + "\""] {
            #expect(code("{\"model\":\(model)}") == "invalid_model")
        }
        #expect(code("{\"model\":\"" + String(repeating: "m", count: 256) + "\"}") == nil)
    }

    private func code(_ body: String) -> String? { code(.chatCompletions, body) }

    @Test(arguments: [
        "model", "stream", "stream_options", "max_tokens", "max_completion_tokens", "n", "user", "messages", "tools",
        "response_format",
    ])
    func whatTheGatewayDecidesOnStandsOnce(name: String) {
        let values = [
            "stream": "true", "stream_options": "{}", "max_tokens": "5", "max_completion_tokens": "5", "n": "1",
        ]
        let value = values[name] ?? "\"x\""
        let escaped = "\\u00" + String(name.utf8.first!, radix: 16) + name.dropFirst()
        for second in [name, escaped] {
            let body = "{\"model\":\"m\",\"\(name)\":\(value),\"a\":[],\"\(second)\":\(value)}"
            #expect(code(body) == "duplicate_member")
            #expect(parameter(body) == name)
        }
        #expect(code("{\"model\":\"m\",\"x\":{\"\(name)\":1,\"y\":{\"\(name)\":1}},\"z\":1,\"z\":2}") == nil)
    }

    @Test func includeUsageStandsOnce() {
        #expect(
            code(#"{"model":"m","stream_options":{"include_usage":true,"include_us\u0061ge":false}}"#)
                == "duplicate_member")
    }

    @Test(arguments: [
        (Endpoint.completions, "prompt"), (.completions, "messages"), (.embeddings, "input"), (.rerank, "query"),
        (.rerank, "documents"), (.speech, "input"), (.images, "prompt"),
    ])
    func inputStandsOnceWhereItIsCounted(endpoint: Endpoint, name: String) {
        #expect(code(endpoint, "{\"model\":\"m\",\"\(name)\":\"a\",\"\(name)\":\"b\"}") == "duplicate_member")
    }

    @Test(arguments: [
        ("stream", "1"), ("stream", "\"true\""), ("stream_options", "true"), ("stream_options", "[]"),
        ("max_tokens", "-1"),
        ("max_tokens", "1.5"), ("max_tokens", "\"5\""), ("max_tokens", "99999999999999999999"),
        ("max_completion_tokens", "{}"),
        ("n", "0"), ("n", "-3"), ("n", "true"), ("n", "1000001"), ("n", "9223372036854775807"),
    ])
    func wrongTypesAreRefusedWithTheirName(name: String, value: String) {
        let body = "{\"model\":\"m\",\"\(name)\":\(value)}"
        #expect(code(body) == "invalid_value")
        #expect(parameter(body) == name)
    }

    @Test func includeUsageIsATruthValue() throws {
        #expect(parameter(#"{"model":"m","stream_options":{"include_usage":1}}"#) == "stream_options.include_usage")
        #expect(try !metadata(.chatCompletions, #"{"model":"m","stream_options":{"include_usage":null}}"#).includeUsage)
    }

    /// Control characters are read differently: as the end of a string, or not at all.
    @Test(arguments: (0..<0x20).map { $0 } + [0x7F, 0x80, 0x9F, 0x2028, 0x202E, 0x2066, 0xFFFD, 0xD800, 0xDFFF])
    func modelsHaveNoControlCharacters(code: Int) {
        let digits = String(code, radix: 16)
        let escape = "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        for model in ["a\(escape)b", "\(escape)a", "a\(escape)"] {
            #expect(self.code("{\"model\":\"\(model)\"}") == "invalid_model")
            #expect(self.code(.other, "{\"model\":\"\(model)\"}") == "invalid_model")
        }
    }

    /// Servers in Go read these members as the ones in lower case.
    @Test(arguments: [
        "Model", "MODEL", "m\\u004fdel", "\u{17F}tream", "Max_Tokens", "max_to\u{212A}ens", "Stream_Options",
    ])
    func otherSpellingsOfWhatIsJudgedAreRefused(name: String) {
        #expect(code("{\"model\":\"m\",\"\(name)\":null}") == "invalid_json")
        #expect(code("{\"\(name)\":null,\"model\":\"m\"}") == "invalid_json")
        #expect(code("{\"model\":\"m\",\"metadata\":{\"\(name)\":\"x\"}}") == nil)
    }

    /// RFC 8259, section 8.1: a parser may skip it. It goes upstream as it came.
    @Test func aByteOrderMarkIsNotJudged() throws {
        let body = "\u{FEFF}{\"model\":\"gpt-4o\"}"
        for pieces in everySplit(Array(body.utf8)) {
            let metadata = try metadata(.chatCompletions, pieces)
            #expect(metadata.model == "gpt-4o")
            #expect(
                edited(body, metadata.edits(servedModel: "b", askForUsage: true, outputBound: 5))
                    == "\u{FEFF}{\"max_tokens\":5,\"stream_options\":{\"include_usage\":true},\"model\":\"b\"}")
        }
    }

    @Test func theModelMayComeAfterMegabytes() throws {
        let body = Array(
            (#"{"messages":[{"content":""# + String(repeating: "x", count: 2_000_000) + #""}],"model":"m","n":2}"#).utf8
        )
        let pieces = stride(from: 0, to: body.count, by: 16_384).map { Array(body[$0..<min($0 + 16_384, body.count)]) }
        for input in [[body], pieces] {
            let metadata = try metadata(.chatCompletions, input)
            #expect(metadata.model == "m")
            #expect(metadata.choices == 2)
            #expect(metadata.counters.inputBytes == 2_000_000)
        }
    }

    @Test(
        arguments: [
            (#""max_tokens":5,"max_completion_tokens":7"#, 7), (#""max_tokens":7,"max_completion_tokens":5"#, 7),
            (#""max_completion_tokens":5"#, 5), (#""max_tokens":null,"max_completion_tokens":5"#, 5),
            (#""max_tokens":0"#, 1), (#""max_tokens":0,"max_completion_tokens":0"#, 1),
            (#""max_tokens":0,"max_completion_tokens":3"#, 3), (#""max_completion_tokens":0,"max_tokens":9"#, 9),
        ] as [(String, Int64)])
    func theLargerBoundCounts(members: String, bound: Int64) throws {
        let body = #"{"model":"m",\#(members)}"#
        let metadata = try metadata(.chatCompletions, body)
        #expect(metadata.maxOutputTokens == bound)
        #expect(edited(body, metadata.edits(servedModel: nil, askForUsage: false, outputBound: 1)) == body)
    }

    /// What the upstream does not read is no bound.
    @Test func completionsAreBoundedByTheirOwnMemberAlone() throws {
        for member in ["max_completion_tokens", "max_output_tokens"] {
            let body = #"{"model":"m","\#(member)":5}"#
            let metadata = try metadata(.completions, body)
            #expect(metadata.maxOutputTokens == nil)
            #expect(
                edited(body, metadata.edits(servedModel: nil, askForUsage: false, outputBound: 9))
                    == #"{"max_tokens":9,"model":"m","\#(member)":5}"#)
        }
        #expect(
            try metadata(.completions, #"{"model":"m","max_tokens":4,"max_completion_tokens":9}"#).maxOutputTokens == 4)
        #expect(try metadata(.chatCompletions, #"{"model":"m","max_output_tokens":5}"#).maxOutputTokens == nil)
    }

    @Test func boundsAreNumbers() throws {
        #expect(try metadata(.chatCompletions, #"{"model":"m","max_tokens":5}"#).maxOutputTokens == 5)
        #expect(try metadata(.chatCompletions, #"{"model":"m","max_tokens":1e3}"#).maxOutputTokens == 1000)
    }

    @Test func escapesInTheModelAreUnderstood() throws {
        #expect(try metadata(.chatCompletions, #"{"\u006dodel":"gpt\u002doss\/x"}"#).model == "gpt-oss/x")
    }

    @Test func messagesNameTheirUserInTheMetadata() throws {
        let body = #"{"model":"m","user":"other","metadata":{"x":1,"user_id":"zo\u00e9"},"messages":[]}"#
        #expect(try metadata(.messages, body).user == "zoé")
        #expect(try metadata(.chatCompletions, body).user == "other")
        for none in [#"{"model":"m","metadata":null}"#, #"{"model":"m","metadata":{"user_id":5}}"#] {
            #expect(try metadata(.messages, none).user == nil)
        }
        #expect(throws: APIError.duplicateMember("user_id")) {
            try metadata(.messages, #"{"model":"m","metadata":{"user_id":"a","user_id":"b"}}"#)
        }
    }

    @Test func usersAreCutOrLeftOut() throws {
        let long = String(repeating: "u", count: 1000)
        #expect(try metadata(.chatCompletions, #"{"model":"m","user":"\#(long)"}"#).user?.count == 128)
        #expect(try metadata(.chatCompletions, #"{"model":"m","user":"\#(long)\#(long)"}"#).user == nil)
        #expect(try metadata(.chatCompletions, #"{"model":"m","user":5}"#).user == nil)
    }

    @Test func mediaAreNoText() throws {
        let image = String(repeating: "A", count: 100_000)
        let body = """
            {"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"What?"},
            {"type":"image_url","image_url":{"url":"data:image/png;base64,\(image)"}},
            {"type":"input_audio","input_audio":{"data":"\(image)"}}]}]}
            """
        let metadata = try metadata(.chatCompletions, body)
        #expect(metadata.counters.inputBytes == "usertextWhat?image_urlinput_audio".utf8.count)
        #expect(metadata.counters.mediaParts == 2)
        #expect(metadata.counters.estimatedInputTokens == 9 + 2 * TokenEstimate.tokensPerMedium)
    }

    @Test func toolsAreRead() throws {
        #expect(
            try metadata(.chatCompletions, #"{"model":"m","tools":[{"function":{"name":"abcd"}}]}"#).counters.inputBytes
                == 4)
    }

    @Test func completionsTakePromptsAndMessages() throws {
        #expect(try metadata(.completions, #"{"model":"m","prompt":"abcd"}"#).counters.inputBytes == 4)
        #expect(try metadata(.completions, #"{"model":"m","prompt":["ab","cd"]}"#).counters.inputItems == 2)
        #expect(try metadata(.completions, #"{"model":"m","messages":[{"content":"abcd"}]}"#).counters.inputBytes == 4)
        #expect(try metadata(.completions, #"{"model":"m","prompt":[1,2,3]}"#).counters.estimatedInputTokens == 3)
    }

    @Test func embeddingsTakeTextsAndTokens() throws {
        func input(_ json: String) throws -> [Int] {
            let metadata = try metadata(.embeddings, "{\"model\":\"m\",\"input\":\(json)}")
            return [metadata.counters.inputItems, metadata.counters.inputBytes, metadata.counters.inputTokenIDs]
        }
        #expect(try input("\"abc\"") == [1, 3, 0])
        #expect(try input("[\"abc\",\"é\"]") == [2, 5, 0])
        #expect(try input("[11,12,13]") == [1, 0, 3])
        #expect(try input("[[11,12],[13]]") == [2, 0, 3])
        #expect(try input("[]") == [0, 0, 0])
    }

    @Test func rerankCountsTheQueryAndEveryDocument() throws {
        let metadata = try metadata(
            .rerank, #"{"model":"m","query":"abcd","documents":["efgh",{"text":"ij"}],"top_n":1}"#)
        #expect(metadata.counters.inputBytes == 10)
        #expect(metadata.counters.inputItems == 2)
        #expect(metadata.counters.estimatedInputTokens == 3)
    }

    @Test func speechAndImages() throws {
        let speech = try metadata(.speech, #"{"model":"m","input":"Été","voice":"x","response_format":"mp3"}"#)
        #expect(speech.counters.inputScalars == 3)
        let images = try metadata(.images, #"{"model":"m","prompt":"a","n":3}"#)
        #expect(images.counters.images == 3)
        #expect(try metadata(.images, #"{"model":"m","prompt":"a"}"#).counters.images == 1)
    }

    @Test func batchesAreOnlyChecked() throws {
        #expect(
            try metadata(.batches, #"{"input_file_id":"f","model":7,"endpoint":"/v1/chat/completions"}"#).model == nil)
    }
}
