import Foundation
import Testing

@testable import Sandbox

@Suite struct GenerationTests {
    let upstream = SandboxUpstream()

    @Test func aPlainChatIsAsDocumented() {
        let answer = upstream.respond(to: chat("gpt-oss:120b"))
        let body = Document(answer)
        #expect(answer.status == 200)
        #expect(answer.declaredLength == answer.wholeBody.count)
        #expect(answer.header("content-type") == "application/json")
        #expect(answer.header("backend") == #"{"engine_type":"sandbox","machine_name":"sandbox-01"}"#)
        #expect(answer.header("id") == body["id"].string)
        #expect(body["backend"]["machine_name"].string == "sandbox-01")
        #expect(body["object"].string == "chat.completion")
        #expect(body["model"].string == "gpt-oss:120b")
        #expect(body["choices"][0]["message"]["role"].string == "assistant")
        #expect(body["choices"][0]["finish_reason"].string == "stop")
        let words = body["choices"][0]["message"]["content"].string?.split(separator: " ").count
        #expect(words == 64)
        #expect(body["usage"]["completion_tokens"].int == 64)
        // Five bytes are two tokens, and a message four.
        #expect(body["usage"]["prompt_tokens"].int == 6)
        #expect(body["usage"]["total_tokens"].int == 70)
    }

    @Test func theSameRequestHasTheSameAnswerButForItsID() {
        func text() -> String? {
            Document(upstream.respond(to: chat(content: "abc")))["choices"][0]["message"]["content"].string
        }
        #expect(text() == text())
        #expect(
            Document(upstream.respond(to: chat()))["id"].string != Document(upstream.respond(to: chat()))["id"].string)
    }

    @Test(
        arguments: [
            "sandbox", "sandbox:reasoning=5", "sandbox:size=1000,tokens=7", "sandbox:tokens=0", "sandbox:tokens=300",
        ], [1, 3])
    func aStreamSaysWhatThePlainAnswerSays(_ model: String, _ choices: Int) {
        for limit in ["", #","max_tokens":1"#, #","max_completion_tokens":6"#, #","max_tokens":1024"#] {
            let plain = Document(upstream.respond(to: chat(model, more: #""n":\#(choices)\#(limit)"#)))
            let answer = upstream.respond(
                to: chat(
                    model, more: #""stream":true,"stream_options":{"include_usage":true},"n":\#(choices)\#(limit)"#))
            #expect(answer.header("content-type") == "text/event-stream")
            #expect(answer.declaredLength == nil)
            var data = events(answer.wholeBody)
            #expect(data.removeLast() == "[DONE]")
            let chunks = data.map { Document(Array($0.utf8)) }
            #expect(chunks.allSatisfy { $0.exists })
            #expect(chunks.last?["choices"].count == 0)
            #expect(chunks.last?["usage"].value as? NSDictionary == plain["usage"].value as? NSDictionary)
            #expect(chunks.dropLast().allSatisfy { $0.has("usage") && !$0["usage"].exists })
            for choice in 0..<choices {
                let own = chunks.filter { $0["choices"][0]["index"].int == choice }
                let message = plain["choices"][choice]["message"]
                for member in ["content", "reasoning_content"] {
                    let text = own.compactMap { $0["choices"][0]["delta"][member].string }.joined()
                    #expect(text == message[member].string ?? "")
                }
                let finish = plain["choices"][choice]["finish_reason"].string
                #expect(own.compactMap { $0["choices"][0]["finish_reason"].string } == [finish ?? ""])
            }
        }
    }

    @Test func maxTokensCutsReasoningFirst() {
        let body = Document(upstream.respond(to: chat("sandbox:reasoning=10", more: #""max_tokens":4"#)))
        #expect(body["choices"][0]["finish_reason"].string == "length")
        #expect(body["usage"]["completion_tokens"].int == 4)
        #expect(body["usage"]["reasoning_tokens"].int == 4)
        #expect(body["choices"][0]["message"]["content"].string == "")
    }

    @Test func usageStandsWhereItIsAskedFor() {
        func usages(_ model: String, _ more: String = "") -> [Int?] {
            events(upstream.respond(to: chat(model, more: #""stream":true"# + more)).wholeBody).dropLast().map {
                Document(Array($0.utf8))["usage"]["completion_tokens"].int
            }
        }
        let asks = #","stream_options":{"include_usage":true}"#
        #expect(usages("sandbox:tokens=2") == [nil, nil, nil, nil])
        #expect(usages("sandbox:tokens=2", asks) == [nil, nil, nil, nil, 2])
        #expect(usages("sandbox:tokens=2,usage=last-chunk") == [nil, nil, nil, 2])
        #expect(usages("sandbox:tokens=2,usage=every-chunk") == [0, 1, 2, 2])
        #expect(usages("sandbox:tokens=2,usage=none", asks) == [nil, nil, nil, nil])
        #expect(!Document(upstream.respond(to: chat("sandbox:usage=none"))).has("usage"))
    }

    @Test func identityStandsWhereItIsAskedFor() {
        for (place, header, body) in [
            ("both", true, true), ("header", true, false), ("body", false, true), ("first-event", false, true),
            ("none", false, false),
        ] {
            let answer = upstream.respond(to: chat("sandbox:backend=\(place)"))
            #expect((answer.header("backend") != nil) == header)
            #expect((answer.header("id") != nil) == header)
            #expect(Document(answer).has("backend") == body)
            #expect(Document(answer).has("id") == (place != "none"))
        }
        let stream = events(
            upstream.respond(to: chat("sandbox:backend=first-event", more: #""stream":true"#)).wholeBody
        )
        .dropLast()
        #expect(
            stream.map { Document(Array($0.utf8)).has("backend") } == [true]
                + Array(repeating: false, count: stream.count - 1))
    }

    @Test func toolsAreCalled() throws {
        let tools =
            #""tools":[{"type":"function","function":{"name":"weather","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}}]"#
        let plain = Document(upstream.respond(to: chat(more: tools)))
        let call = plain["choices"][0]["message"]["tool_calls"][0]
        #expect(plain["choices"][0]["finish_reason"].string == "tool_calls")
        #expect(call["function"]["name"].string == "weather")
        #expect(call["function"]["arguments"].string == #"{"city":"sandbox"}"#)
        let deltas = events(upstream.respond(to: chat(more: tools + #","stream":true"#)).wholeBody).dropLast().map {
            Document(Array($0.utf8))["choices"][0]["delta"]["tool_calls"][0]["function"]
        }
        #expect(deltas.compactMap { $0["name"].string } == ["weather"])
        #expect(deltas.compactMap { $0["arguments"].string }.joined() == #"{"city":"sandbox"}"#)
        #expect(
            !Document(upstream.respond(to: chat(more: tools + #","tool_choice":"none""#)))["choices"][0]["message"].has(
                "tool_calls"))
    }

    @Test func responseFormatsAreKept() throws {
        let format =
            #""response_format":{"type":"json_schema","json_schema":{"name":"x","schema":{"type":"object","properties":{"n":{"type":"integer"}}}}}"#
        let body = Document(upstream.respond(to: chat(more: format)))
        #expect(body["choices"][0]["message"]["content"].string == #"{"n":1}"#)
    }

    @Test func imagesWeighTheSameWhateverTheirSize() {
        func tokens(_ size: Int) -> Int? {
            let url = "data:image/png;base64," + String(repeating: "A", count: size)
            let body =
                #"{"model":"sandbox","messages":[{"role":"user","content":[{"type":"text","text":"abcd"},{"type":"image_url","image_url":{"url":"\#(url)"}}]}]}"#
            return Document(upstream.respond(to: request("/v1/chat/completions", body)))["usage"]["prompt_tokens"].int
        }
        #expect(tokens(10) == 1 + 4 + 32)
        #expect(tokens(10) == tokens(1_000_000))
    }

    @Test(arguments: [
        (#""prompt":"abcdefgh""#, 1, 2), (#""prompt":["abcd","efgh","ij"]"#, 3, 3), (#""prompt":[1,2,3]"#, 1, 3),
        (#""prompt":[[1,2,3],[4]]"#, 2, 4), (#""messages":[{"role":"user","content":"abcd"}]"#, 1, 5),
    ])
    func completionsTakePromptsAndMessages(_ input: String, _ choices: Int, _ tokens: Int) {
        let body = Document(upstream.respond(to: request("/v1/completions", #"{"model":"sandbox",\#(input)}"#)))
        #expect(body["object"].string == "text_completion")
        #expect(body["choices"].count == choices)
        #expect(body["usage"]["prompt_tokens"].int == tokens)
        let stream = upstream.respond(to: request("/v1/completions", #"{"model":"sandbox","stream":true,\#(input)}"#))
        let text = events(stream.wholeBody).dropLast().filter {
            Document(Array($0.utf8))["choices"][0]["index"].int == 0
        }
        .compactMap { Document(Array($0.utf8))["choices"][0]["text"].string }.joined()
        #expect(text == body["choices"][0]["text"].string)
    }

    @Test(
        arguments: [
            ("{", 400, nil), (#"{"messages":[]}"#, 400, "model"), (#"{"model":"sandbox"}"#, 400, "messages"),
            (#"{"model":"no-such","messages":[{}]}"#, 404, "model"),
            (#"{"model":"sandbox","messages":[{}],"n":0}"#, 400, "n"),
            (#"{"model":"sandbox","messages":[{}],"temperature":3}"#, 400, "temperature"),
            (#"{"model":"sandbox","messages":[{}],"max_tokens":"5"}"#, 400, "max_tokens"),
            (#"{"model":"sandbox:tokens=10000000","messages":[{}],"n":128}"#, 400, "n"), ("[]", 400, nil),
        ] as [(String, Int, String?)])
    func nonsenseIsRefused(_ body: String, _ status: Int, _ param: String?) {
        let answer = upstream.respond(to: request("/v1/chat/completions", body))
        #expect(answer.status == status)
        #expect(Document(answer)["error"]["param"].string == param)
        #expect(upstream.totals.isEmpty)
    }
}
