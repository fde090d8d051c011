import OpenAIAPI
import SeededRandom
import Testing

/// The most input that a request can have is told by exclusion: one token for each byte that is no recognised medium.
@Suite struct InputBoundTests {
    private static let billed = Endpoint.allCases.filter { $0.bodyKind == .json && $0.billing != .free } + [.other]

    private func most(_ endpoint: Endpoint, _ body: String, type: String = "application/json") throws -> Int64 {
        try metadata(endpoint, body, contentType: type).counters.mostInputTokens
    }

    /// Random JSON with names, numbers, literals and strings, some of them escaped.
    private static func json(_ random: inout SeededGenerator, depth: Int) -> String {
        switch random.pick(depth > 0 ? [0, 1, 2, 3, 4] : [0, 1, 2]) {
        case 0: return random.pick(["12.5e3", "-1", "0", "true", "null", "123456789012345"])
        case 1:
            return
                #""\#(String(repeating: random.pick(["a", "é", "关", "\\u0041", "\\\""]), count: random.pick([0, 1, 9, 90])))""#
        case 2: return #""text""#
        case 3:
            return "["
                + (0..<random.pick([0, 1, 3])).map { _ in json(&random, depth: depth - 1) }.joined(separator: ",") + "]"
        default:
            return "{"
                + (0..<random.pick([0, 1, 3])).map { number in
                    #""\#(random.pick(["name", "url", "content", "enum", "x"]))\#(number)":\#(json(&random, depth: depth - 1))"#
                }.joined(separator: " , ") + "}"
        }
    }

    @Test(arguments: billed) func everyByteOfAnyBodyCounts(endpoint: Endpoint) throws {
        var random = SeededGenerator(seed: UInt64(endpoint.ordinal) + 13)
        for _ in 0..<200 {
            let names = ["tools", "response_format", "input", "messages", "query", "whatever", "metadata"]
            let members = names.map { #""\#($0)":\#(Self.json(&random, depth: 4))"# }
            let body = #"{"model":"m",\#(members.joined(separator: ","))}"#
            let bound = try most(endpoint, body)
            #expect(bound >= body.utf8.count, "\(body)")
        }
    }

    @Test(arguments: billed) func everySplitHasTheSameBound(endpoint: Endpoint) throws {
        let body = #"{"model":"m","messages":[{"content":[{"image_url":{"url":"data:é"}}]}],"tools":[{"a":1}]}"#
        let whole = try most(endpoint, body)
        for pieces in everySplit(Array(body.utf8)) {
            #expect(try metadata(endpoint, pieces).counters.mostInputTokens == whole)
        }
    }

    @Test func recognisedMediaHaveBoundsOfTheirOwn() throws {
        let data = String(repeating: "A", count: 1_000_000)
        func chat(_ part: String) throws -> Int64 {
            try most(.chatCompletions, #"{"model":"m","messages":[{"role":"user","content":[\#(part)]}]}"#)
        }
        let image = try chat(#"{"type":"image_url","image_url":{"url":"data:image/png;base64,\#(data)"}}"#)
        #expect((4096..<6000).contains(image))
        let sound = try chat(#"{"type":"input_audio","input_audio":{"data":"\#(data)","format":"wav"}}"#)
        #expect((1_000_000 / 16..<1_000_000 / 16 + 12_000).contains(sound))
        // The model may read the text of a document.
        #expect(try chat(#"{"type":"file","file":{"file_data":"\#(data)"}}"#) > 1_000_000)
        let response = try most(
            .responses, #"{"model":"m","input":[{"content":[{"type":"input_image","image_url":"\#(data)"}]}]}"#)
        #expect((4096..<6000).contains(response))
        // Anthropic's source may be text.
        #expect(
            try most(
                .messages, #"{"model":"m","messages":[{"content":[{"source":{"type":"text","data":"\#(data)"}}]}]}"#)
                > 1_000_000)
    }

    @Test func aNameThatLooksLikeAMediumIsNone() throws {
        let text = String(repeating: "a", count: 100_000)
        for body in [
            #"{"model":"m","image_url":{"url":"\#(text)"}}"#,
            #"{"model":"m","messages":[{"image_url":{"url":"\#(text)"}}]}"#,
            #"{"model":"m","messages":[{"content":{"image_url":{"url":"\#(text)"}}}]}"#,
            #"{"model":"m","messages":[{"content":[{"image_url":{"\#(text)":""}}]}]}"#,
        ] {
            for endpoint in Self.billed { #expect(try most(endpoint, body) > 100_000) }
        }
    }

    @Test func aQueryIsReadWithEveryDocument() throws {
        let query = String(repeating: "q", count: 1000)
        let documents = Array(repeating: "\"d\"", count: 50).joined(separator: ",")
        let body = #"{"model":"m","query":"\#(query)","documents":[\#(documents)]}"#
        #expect(try most(.rerank, body) >= 50 * 1001)
    }

    @Test(arguments: ["text/plain", "application/octet-stream", "", "multipart/form-data; boundary=b"])
    func aBodyThatIsNotReadIsAllText(type: String) throws {
        let body = String(repeating: "a", count: 5000)
        let counters = try metadata(.other, body, contentType: type).counters
        #expect(counters.mostInputTokens >= 5000)
        #expect(counters.estimatedInputTokens == 1250)
    }

    private func form(_ type: String, _ content: String) -> String {
        """
        --b\r\nContent-Disposition: form-data; name="prompt"\r\n\r\nPaint it black\r\n\
        --b\r\nContent-Disposition: form-data; name="image"; filename="a"\r\nContent-Type: \(type)\r\n\r\n\(content)\r\n\
        --b--\r\n
        """
    }

    @Test func filesOfAFormAreMedia() throws {
        let content = String(repeating: "a", count: 100_000)
        let type = "multipart/form-data; boundary=b"
        #expect(try most(.other, form("image/png", content), type: type) < 6000)
        #expect(try most(.other, form("audio/wav", content), type: type) < 12_000)
        #expect(try most(.other, form("text/plain", content), type: type) > 100_000)
        #expect(try most(.other, form("image/png", content) + "--b--", type: type) > 0)
        #expect(try most(.other, String(form("image/png", content).dropLast(10)), type: type) > 100_000)
    }

    // MARK: Bounds of the output

    @Test func eachDialectHasItsOwnBound() throws {
        let body = #"{"model":"m","max_output_tokens":5,"max_tokens":7,"max_completion_tokens":9}"#
        #expect(try metadata(.responses, body).maxOutputTokens == 5)
        #expect(try metadata(.messages, body).maxOutputTokens == 7)
        #expect(try metadata(.completions, body).maxOutputTokens == 7)
        #expect(try metadata(.chatCompletions, body).maxOutputTokens == 9)
        // What an unknown endpoint reads is not known.
        #expect(try metadata(.other, body).maxOutputTokens == nil)
    }

    @Test func aBoundIsWrittenUnderTheNameOfTheDialect() throws {
        let body = #"{"model":"m"}"#
        for (endpoint, name) in [(Endpoint.responses, "max_output_tokens"), (.messages, "max_tokens")] {
            let edits = try metadata(endpoint, body).edits(servedModel: nil, askForUsage: false, outputBound: 3)
            #expect(edited(body, edits) == #"{"\#(name)":3,"model":"m"}"#)
        }
    }
}
