import Foundation
import Testing

@testable import Sandbox

@Suite struct GenerationTests {
    let upstream = SandboxUpstream()

    @Test func aPlainResponseHasTheDocumentedMembers() {
        let response = upstream.respond(to: chat("gpt-oss:120b"))
        let body = Document(response)
        #expect(response.status == 200)
        #expect(response.declaredLength == response.wholeBody.count)
        #expect(response.header("content-type") == "application/json")
        #expect(response.header("backend") == #"{"engine_type":"sandbox","machine_name":"sandbox-01"}"#)
        #expect(response.header("id") == body["id"].string)
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

    @Test func sameRequestsHaveSameResponsesWithOtherIDs() {
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
    func aStreamAgreesWithThePlainResponse(_ model: String, _ choices: Int) {
        for limit in ["", #","max_tokens":1"#, #","max_completion_tokens":6"#, #","max_tokens":1024"#] {
            let plain = Document(upstream.respond(to: chat(model, more: #""n":\#(choices)\#(limit)"#)))
            let response = upstream.respond(
                to: chat(
                    model, more: #""stream":true,"stream_options":{"include_usage":true},"n":\#(choices)\#(limit)"#))
            #expect(response.header("content-type") == "text/event-stream")
            #expect(response.declaredLength == nil)
            var data = events(response.wholeBody)
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

    @Test func usageHasItsPlace() {
        func usages(_ model: String, _ more: String = "") -> [Int?] {
            events(upstream.respond(to: chat(model, more: #""stream":true"# + more)).wholeBody).dropLast().map {
                Document(Array($0.utf8))["usage"]["completion_tokens"].int
            }
        }
        let requested = #","stream_options":{"include_usage":true}"#
        #expect(usages("sandbox:tokens=2") == [nil, nil, nil, nil])
        #expect(usages("sandbox:tokens=2", requested) == [nil, nil, nil, nil, 2])
        #expect(usages("sandbox:tokens=2,usage=last-chunk") == [nil, nil, nil, 2])
        #expect(usages("sandbox:tokens=2,usage=every-chunk") == [0, 1, 2, 2])
        #expect(usages("sandbox:tokens=2,usage=none", requested) == [nil, nil, nil, nil])
        #expect(!Document(upstream.respond(to: chat("sandbox:usage=none"))).has("usage"))
    }

    @Test func identityHasItsPlace() {
        for (place, header, body) in [
            ("both", true, true), ("header", true, false), ("body", false, true), ("first-event", false, true),
            ("none", false, false),
        ] {
            let response = upstream.respond(to: chat("sandbox:backend=\(place)"))
            #expect((response.header("backend") != nil) == header)
            #expect((response.header("id") != nil) == header)
            #expect(Document(response).has("backend") == body)
            #expect(Document(response).has("id") == (place != "none"))
        }
        let stream = events(
            upstream.respond(to: chat("sandbox:backend=first-event", more: #""stream":true"#)).wholeBody
        )
        .dropLast()
        #expect(
            stream.map { Document(Array($0.utf8)).has("backend") } == [true]
                + Array(repeating: false, count: stream.count - 1))
    }

    @Test func toolsAreCalledAndStreamed() throws {
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

    @Test(arguments: [1, 3]) func reasoningPrecedesTheCall(choices: Int) {
        let tools = #""tools":[{"type":"function","function":{"name":"f"}}],"stream":true,"n":\#(choices)"#
        let deltas = events(upstream.respond(to: chat("sandbox:reasoning=2", more: tools)).wholeBody).dropLast().map {
            let choice = Document(Array($0.utf8))["choices"][0]
            let delta = choice["delta"]
            let kind =
                delta.has("role")
                ? "role"
                : delta.has("reasoning_content")
                    ? "reasoning"
                    : delta.has("tool_calls")
                        ? delta["tool_calls"][0].has("id") ? "name" : "arguments" : "finish"
            return "\(kind) \(choice["index"].int ?? -1)"
        }
        let expected = ["role", "reasoning", "reasoning", "name", "arguments", "finish"]
        #expect(deltas == expected.flatMap { kind in (0..<choices).map { "\(kind) \($0)" } })
    }

    @Test func responseFormatsAreFollowed() throws {
        let format =
            #""response_format":{"type":"json_schema","json_schema":{"name":"x","schema":{"type":"object","properties":{"n":{"type":"integer"}}}}}"#
        let body = Document(upstream.respond(to: chat(more: format)))
        #expect(body["choices"][0]["message"]["content"].string == #"{"n":1}"#)
    }

    @Test func imagesOfEverySizeHaveTheSameTokens() {
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
    func textCompletionsAcceptPromptsAndMessages(_ input: String, _ choices: Int, _ tokens: Int) {
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
    func invalidRequestsAreRefused(_ body: String, _ status: Int, _ param: String?) {
        let response = upstream.respond(to: request("/v1/chat/completions", body))
        #expect(response.status == status)
        #expect(Document(response)["error"]["param"].string == param)
        #expect(upstream.totals.isEmpty)
    }

    @Test func jsonObjectsAreReturnedOnRequest() throws {
        let body = Document(upstream.respond(to: chat(more: #""response_format":{"type":"json_object"}"#)))
        let content = Document(Array((body["choices"][0]["message"]["content"].string ?? "").utf8))
        #expect(content["sandbox"].string?.isEmpty == false)
    }

    @Test(arguments: ["text", "other"])
    func otherFormatsAreWords(_ type: String) {
        let body = Document(upstream.respond(to: chat(more: #""response_format":{"type":"\#(type)"}"#)))
        #expect(body["choices"][0]["message"]["content"].string?.split(separator: " ").count == 64)
    }

    @Test func toolsAreCalledInEveryChoice() {
        let tools = #""n":2,"tools":[{"type":"function","function":{"name":"a"}}]"#
        let choices = Document(upstream.respond(to: chat(more: tools)))["choices"]
        #expect(choices.elements.map { $0["finish_reason"].string } == ["tool_calls", "tool_calls"])
        #expect(choices[1]["message"]["tool_calls"][0]["function"]["arguments"].string == "{}")
        #expect(!choices[0]["message"]["content"].exists)
    }

    @Test func maxTokensCutsArguments() {
        let tools =
            #""max_tokens":1,"tools":[{"type":"function","function":{"name":"abc","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}}]"#
        let choice = Document(upstream.respond(to: chat(more: tools)))["choices"][0]
        #expect(choice["finish_reason"].string == "length")
        #expect(choice["message"]["tool_calls"][0]["function"]["arguments"].string == #"{"ci"#)
    }

    @Test func promptAndCachedTokensAreStated() {
        let usage = Document(upstream.respond(to: chat("sandbox:prompt_tokens=100,cached=40,tokens=2")))["usage"]
        #expect(usage["prompt_tokens"].int == 100)
        #expect(usage["prompt_tokens_details"]["cached_tokens"].int == 40)
        #expect(usage["total_tokens"].int == 102)
    }

    @Test func aSizeIsThatOfTheText() {
        let body = Document(upstream.respond(to: chat("sandbox:size=1000")))
        #expect(body["choices"][0]["message"]["content"].string?.utf8.count == 1000)
        #expect(body["usage"]["completion_tokens"].int == 250)
    }

    @Test func reasoningIsBilled() {
        _ = upstream.respond(to: chat("sandbox:reasoning=5,tokens=3", more: #""n":2"#))
        #expect(upstream.total.reasoningTokens == 10)
        #expect(upstream.total.completionTokens == 16)
    }

    @Test func largeResponsesAreStepsOfBoundedSize() {
        let steps = upstream.respond(to: chat("sandbox:tokens=20000", more: #""stream":true"#)).steps
        #expect(steps.count > 100)
        #expect(
            steps.allSatisfy { if case .bytes(let bytes) = $0 { bytes.count < 17 * 1024 } else { false } })
    }

    @Test func largeDocumentsAreWhole() {
        let body = Document(upstream.respond(to: chat("sandbox:size=2MiB")))
        #expect(body["choices"][0]["message"]["content"].string?.utf8.count == 2 << 20)
    }

    @Test func tokensOfAllChoicesAreBounded() {
        let response = upstream.respond(to: chat("sandbox:tokens=10000000", more: #""n":3,"stream":true"#))
        #expect(response.status == 400)
    }

    @Test func eventsAreJSONWithAnEmptyLine() {
        let response = upstream.respond(to: chat("sandbox:tokens=3", more: #""stream":true"#))
        #expect(response.text.hasSuffix("\n\n"))
        #expect(response.text.split(separator: "\n\n").allSatisfy { $0.hasPrefix("data: ") })
        #expect(response.header("cache-control") == "no-cache")
    }

    @Test func createdIsTheClocks() {
        #expect(Document(upstream.respond(to: chat()))["created"].int == 1_750_000_000)
    }

    @Test func modelNamesAreEscaped() {
        let response = upstream.respond(to: chat(#"no \"such\" model"#))
        #expect(response.status == 404)
        #expect(Document(response)["error"]["message"].string == #"Model 'no "such" model' does not exist"#)
    }

    @Test func batchesDoNotStream() {
        let streamed = chat(more: #""stream":true"#)
        #expect(upstream.respond(to: streamed, isBatch: true).status == 400)
        #expect(upstream.respond(to: chat(), isBatch: true).status == 200)
    }
}

@Suite struct EventSourceTests {
    private func generation(_ tokens: Int, choices: Int = 1, reasoning: Int = 0) -> Generation {
        Generation(
            content: .words(offset: 0), toolCall: nil, choices: choices, reasoningTokens: reasoning,
            contentTokens: tokens, isCut: false, promptTokens: 1, cachedTokens: nil)
    }

    private func source(
        _ tokens: Int, choices: Int = 1, form: GenerationWriter.Form = .chat, usage: Bool = false,
        _ behaviour: Behaviour = .standard
    ) -> EventSource {
        EventSource(
            GenerationWriter(form, id: nil, created: 1, model: "m", backend: Array("{}".utf8)),
            generation(tokens, choices: choices), behaviour, includesUsage: usage)
    }

    private func events(of source: EventSource) -> [String] {
        var source = source
        var bytes: [UInt8] = []
        while let step = source.next() { if case .bytes(let piece) = step { bytes += piece } }
        return SandboxTests.events(bytes)
    }

    @Test(
        arguments: [
            (0, 1, GenerationWriter.Form.chat, 3), (5, 1, .chat, 8), (5, 3, .chat, 22), (5, 1, .text, 7),
            (0, 2, .text, 3),
        ])
    func eventsAreCounted(_ tokens: Int, _ choices: Int, _ form: GenerationWriter.Form, _ count: Int) {
        #expect(events(of: source(tokens, choices: choices, form: form)).count == count)
        #expect(events(of: source(tokens, choices: choices, form: form, usage: true)).count == count + 1)
    }

    @Test func choicesTakeTurns() {
        let indices = events(of: source(2, choices: 2)).dropLast().map {
            Document(Array($0.utf8))["choices"][0]["index"].int
        }
        #expect(indices == [0, 1, 0, 1, 0, 1, 0, 1])
    }

    @Test func sentTokensAreAllWithoutAFault() {
        #expect(source(7, choices: 3).sentTokens == 21)
    }

    @Test(arguments: [Behaviour.Fault.cut, .stall, .reset, .wrongLength, .errorEvent], [0, 1, 2, 9, 10])
    func sentTokensAreThoseBeforeTheFault(_ fault: Behaviour.Fault, _ tokens: Int) {
        var behaviour = Behaviour.standard
        behaviour.fault = fault
        let source = source(tokens, behaviour)
        let contents = events(of: source).filter {
            Document(Array($0.utf8))["choices"][0]["delta"]["content"].string != nil
        }
        // The role has an empty content.
        #expect(source.sentTokens == max(0, contents.count - 1))
    }

    @Test func intervalsAreBetweenEvents() {
        var behaviour = Behaviour.standard
        behaviour.interval = .milliseconds(3)
        var source = source(1, behaviour)
        var pauses: [Bool] = []
        while let step = source.next() { pauses.append(step == .pause(.milliseconds(3))) }
        #expect(pauses == [false, true, false, true, false, true, false])
    }

    @Test func aFinishedSourceStaysFinished() {
        var source = source(0)
        while source.next() != nil {}
        #expect(source.next() == nil)
    }
}
