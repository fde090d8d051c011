import ChatFixtures
import OpenAIAPI
import ResponsesAPI
import Testing

/// Members and tools of a request, row by row.
@Suite struct ResponsesRequestTests {
    private static let function =
        #"{"type":"function","name":"f","description":"d","parameters":{"x":1.0e2},"strict":true}"#
    private static let chatFunction =
        #"{"type":"function","function":{"name":"f","description":"d","parameters":{"x":1.0e2},"strict":true}}"#
    private static let customParameters =
        #"{"type":"object","properties":{"input":{"type":"string"}},"required":["input"],"additionalProperties":false}"#

    /// The members beside `model` and `messages`.
    @Test(arguments: [
        ("", "{}"),
        (#""max_output_tokens":50"#, #"{"max_tokens":50}"#),
        (#""max_output_tokens":null"#, "{}"),
        (
            #""temperature":0.70,"top_p":1,"user":"u","presence_penalty":0,"frequency_penalty":0.5"#,
            #"{"temperature":0.70,"top_p":1,"user":"u","presence_penalty":0,"frequency_penalty":0.5}"#
        ),
        (#""stream":true"#, #"{"stream":true,"stream_options":{"include_usage":true}}"#),
        (#""stream":false,"store":false,"background":false,"previous_response_id":null"#, "{}"),
        (#""reasoning":{"effort":"high","summary":"auto"}"#, #"{"reasoning_effort":"high"}"#),
        (#""reasoning":{"effort":"xhigh"}"#, #"{"reasoning_effort":"high"}"#),
        (#""text":{"format":{"type":"text"},"verbosity":"low"}"#, "{}"),
        (#""text":{"format":{"type":"json_object"}}"#, #"{"response_format":{"type":"json_object"}}"#),
        (
            #""text":{"format":{"type":"json_schema","name":"n","schema":{"a":[1]},"strict":true,"description":"d"}}"#,
            #"{"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"a":[1]},"strict":true,"description":"d"}}}"#
        ),
        // Without a counterpart: accepted.
        (
            #""metadata":{"a":"b"},"prompt_cache_key":"k","include":["reasoning.encrypted_content"],"truncation":"auto","service_tier":"auto","max_tool_calls":3,"client_metadata":{}"#,
            "{}"
        ),
        // Tools.
        (#""tools":[],"tool_choice":"auto","parallel_tool_calls":true"#, "{}"),
        (
            #""tools":[\#(function)],"parallel_tool_calls":false"#,
            #"{"tools":[\#(chatFunction)],"parallel_tool_calls":false}"#
        ),
        (
            #""tools":[\#(function)],"tool_choice":"required""#,
            #"{"tools":[\#(chatFunction)],"tool_choice":"required"}"#
        ),
        (#""tools":[\#(function)],"tool_choice":"none""#, #"{"tools":[\#(chatFunction)],"tool_choice":"none"}"#),
        (
            #""tools":[\#(function)],"tool_choice":{"type":"function","name":"f"}"#,
            #"{"tools":[\#(chatFunction)],"tool_choice":{"type":"function","function":{"name":"f"}}}"#
        ),
        (
            #""tools":[{"type":"function","name":"f","description":1}]"#,
            #"{"tools":[{"type":"function","function":{"name":"f","description":""}}]}"#
        ),
        (
            #""tools":[{"type":"function","name":"f","parameters":null,"strict":null}]"#,
            #"{"tools":[{"type":"function","function":{"name":"f"}}]}"#
        ),
        (
            #""tools":[{"type":"namespace","name":"ns","tools":[{"type":"function","name":"f"},{"type":"custom","name":"g"}]}],"tool_choice":{"type":"function","namespace":"ns","name":"f"}"#,
            #"{"tools":[{"type":"function","function":{"name":"ns__f"}},{"type":"function","function":{"name":"ns__g","parameters":\#(customParameters)}}],"tool_choice":{"type":"function","function":{"name":"ns__f"}}}"#
        ),
        (
            #""tools":[{"type":"custom","name":"c","description":"d","format":{"type":"grammar","syntax":"lark","definition":"start: \"a\""}}],"tool_choice":{"type":"custom","name":"c"}"#,
            #"{"tools":[{"type":"function","function":{"name":"c","description":"d\n\nThe member \"input\" must follow this grammar:\nstart: \"a\"","parameters":\#(customParameters)}}],"tool_choice":{"type":"function","function":{"name":"c"}}}"#
        ),
        (
            #""tools":[\#(function),{"type":"function","name":"g"}],"tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"f"}]}"#,
            #"{"tools":[\#(chatFunction)],"tool_choice":"required"}"#
        ),
        (
            #""tools":[{"type":"web_search"},\#(function)],"tool_choice":"required""#,
            #"{"tools":[\#(chatFunction)],"tool_choice":"required"}"#
        ),
    ])
    func membersHaveCounterparts(_ members: String, _ expected: String) throws {
        let request = try #require(try chat(members))
        let expected = try #require(JSON(expected))
        #expect(request["model"]?.string == "m")
        #expect(request.names.filter { $0 != "model" && $0 != "messages" } == expected.names)
        for name in expected.names { #expect(request[name] == expected[name]) }
    }

    @Test func numbersKeepTheirDigits() throws {
        let body = Array(#"{"model":"m","input":"hi","temperature":0.700,"max_output_tokens":1e3}"#.utf8)
        let translated = try ResponsesRequest.translated(body, testContext())
        let text = String(decoding: translated.pieces.joined(with: body), as: UTF8.self)
        #expect(text.contains(#""temperature":0.700"#))
        #expect(text.contains(#""max_tokens":1e3"#))
    }

    @Test func hostedToolsThatAgentsOfferAreLeftOutAndNamed() throws {
        let request = try translated(
            #""tools":[{"type":"web_search"},{"type":"tool_search"},{"type":"image_generation"},{"type":"function","name":"f"}]"#
        )
        #expect(request.dropped == ["tools.web_search", "tools.tool_search", "tools.image_generation"])
        #expect(try translated().dropped == [])
    }

    @Test(arguments: [
        (#""store":true"#, "store"), (#""store":7"#, "store"), (#""background":true"#, "background"),
        (#""previous_response_id":"resp_1""#, "previous_response_id"), (#""conversation":"c""#, "conversation"),
        (#""prompt":{"id":"p"}"#, "prompt"), (#""instructions":[]"#, "instructions"), (#""stream":"yes""#, "stream"),
        (#""max_output_tokens":0"#, "max_output_tokens"), (#""max_output_tokens":"5""#, "max_output_tokens"),
        (#""tools":{}"#, "tools"), (#""tools":[{}]"#, "tools[0].type"), (#""tools":[7]"#, "tools[0].type"),
        (#""tools":[{"type":"function"}]"#, "tools[0].name"),
        (#""tools":[{"type":"function","name":"f"},{"type":"custom","name":"f"}]"#, "tools[1].name"),
        (#""tools":[{"type":"file_search"}]"#, "tools[0].type"), (#""tools":[{"type":"mcp"}]"#, "tools[0].type"),
        (#""tools":[{"type":"time_travel"}]"#, "tools[0].type"),
        (#""tools":[{"type":"namespace","name":"n","tools":[{"type":"web_search"}]}]"#, "tools[0].tools[0].type"),
        (#""tools":[{"type":"web_search"}],"tool_choice":"required""#, "tool_choice"),
        (#""tools":[{"type":"web_search"}],"tool_choice":{"type":"web_search"}"#, "tool_choice"),
        (#""tool_choice":{"type":"function","name":"f"}"#, "tool_choice"),
        (#""tool_choice":{"type":"function"}"#, "tool_choice.name"), (#""tool_choice":"some""#, "tool_choice"),
        (#""tool_choice":7"#, "tool_choice"), (#""text":{"format":{"type":"xml"}}"#, "text.format.type"),
        (#""text":{"format":{"type":"json_schema","name":"n"}}"#, "text.format.schema"),
    ])
    func whatCannotBeTranslatedIsNamed(_ members: String, _ member: String) {
        let error = refusal(members)
        #expect(error?.status == 400)
        #expect(error?.param == member)
    }

    @Test func aMemberThatStandsTwiceIsRefused() {
        #expect(refusal(#""model":"other""#)?.code == "duplicate_member")
        #expect(refusal(#""Input":"other""#)?.code == "invalid_json")
    }

    @Test(arguments: ["", "[]", "7", "{", #"{"model":}"#])
    func aBodyIsOneObject(_ body: String) {
        #expect(throws: APIError.self) { try chatRequest(body, by: ResponsesRequest.translated) }
    }

    @Test func aLargeImageStaysInTheOriginal() throws {
        let data = String(repeating: "A", count: 100_000)
        let body = Array(
            #"{"model":"m","input":[{"role":"user","content":[{"type":"input_image","image_url":"data:image/png;base64,\#(data)"}]}]}"#
                .utf8)
        let translated = try ResponsesRequest.translated(body, testContext())
        #expect(translated.pieces.generated.count < 512)
        #expect(translated.pieces.count > data.utf8.count)
    }

    @Test func longNamesOfNamespacesFitAndComeBack() throws {
        let name = String(repeating: "n", count: 60)
        let tools =
            #""tools":[{"type":"namespace","name":"space","tools":[{"type":"function","name":"\#(name)a"},{"type":"function","name":"\#(name)b"}]}]"#
        let request = try #require(try chat(tools))
        let names = request["tools"]?.elements.compactMap { $0["function"]?["name"]?.string } ?? []
        #expect(names.count == 2)
        #expect(Set(names).count == 2)
        #expect(names.allSatisfy { $0.utf8.count <= 64 && $0.hasPrefix("space__nnn") })
        let input = #"[{"type":"function_call","call_id":"c","name":"\#(name)a","namespace":"space","arguments":"{}"}]"#
        let again = try messages(input)?[0]?["tool_calls"]?[0]?["function"]?["name"]?.string
        #expect(again == names.first)

        let stream = ChatStream([ChatStream.call(0, id: "c", names[1], "{}")], finish: "tool_calls")
        let output = translatedStream([Array(stream.text.utf8)], by: try translated(tools).response)
        let done = ServerEvent.all(in: output)?.first { $0.name == "response.output_item.done" }?.data["item"]
        #expect(done?["name"]?.string == name + "b")
        #expect(done?["namespace"]?.string == "space")
    }

    @Test func aCountIsStatedAsTheAPIStatesIt() {
        let body = ResponsesRequest.countBody(12)
        #expect(JSON(body) == JSON(#"{"object":"response.input_tokens","input_tokens":12}"#))
    }
}
