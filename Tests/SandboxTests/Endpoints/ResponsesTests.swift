import Testing

@testable import Sandbox

@Suite struct ResponsesTests {
    let upstream = SandboxUpstream()

    private func create(_ members: String = "") -> SandboxResponse {
        upstream.respond(to: request("/v1/responses", #"{"model":"gpt-oss:20b","input":"Hello there"\#(members)}"#))
    }

    private func respond(_ path: String, _ method: String = "GET") -> SandboxResponse {
        upstream.respond(to: request(path, method: method))
    }

    @Test func aResponseHasTextAndUsage() {
        let response = Document(create())
        #expect(response["object"].string == "response")
        #expect(response["status"].string == "completed")
        #expect(response["output"][0]["content"][0]["text"].string?.split(separator: " ").count == 16)
        #expect(response["usage"]["input_tokens"].int == 4)
        #expect(response["usage"]["output_tokens"].int == 16)
        #expect(upstream.total.completionTokens == 16)
        #expect(Document(create(#","max_output_tokens":3"#))["usage"]["output_tokens"].int == 3)
    }

    @Test func aStreamHasItsEventsInOrder() throws {
        let response = create(#","stream":true,"max_output_tokens":2"#)
        #expect(response.header("content-type") == "text/event-stream")
        let events = response.text.components(separatedBy: "\n\n").dropLast().map { event -> Document in
            let lines = event.components(separatedBy: "\n")
            let document = Document(Array(lines[1].dropFirst(6).utf8))
            #expect(lines[0] == "event: \(document["type"].string ?? "")")
            return document
        }
        #expect(
            events.map { $0["type"].string?.dropFirst("response.".count) } == [
                "created", "output_item.added", "content_part.added", "output_text.delta", "output_text.delta",
                "output_text.done", "content_part.done", "output_item.done", "completed",
            ])
        #expect(events.map { $0["sequence_number"].int } == Array(0..<9))
        let text = events[3]["delta"].string! + events[4]["delta"].string!
        #expect(events[8]["response"]["output"][0]["content"][0]["text"].string == text)
        #expect(events[0]["response"]["id"].string == events[8]["response"]["id"].string)
    }

    @Test func storedResponsesAreShownAndDeleted() throws {
        let id = try #require(Document(create())["id"].string)
        #expect(Document(respond("/v1/responses/\(id)"))["id"].string == id)
        #expect(Document(respond("/v1/responses/\(id)/input_items"))["data"][0]["content"].string == "Hello there")
        #expect(respond("/v1/responses/\(id)/cancel", "POST").status == 400)
        #expect(Document(create(#","previous_response_id":"\#(id)""#))["previous_response_id"].string == id)
        #expect(Document(respond("/v1/responses/\(id)", "DELETE"))["deleted"].bool == true)
        #expect(respond("/v1/responses/\(id)").status == 404)
        #expect(create(#","previous_response_id":"\#(id)""#).status == 404)
        let unstored = try #require(Document(create(#","store":false"#))["id"].string)
        #expect(respond("/v1/responses/\(unstored)").status == 404)
    }

    @Test func conversationsAreKept() throws {
        let id = try #require(Document(upstream.respond(to: request("/v1/conversations", "{}")))["id"].string)
        #expect(Document(respond("/v1/conversations/\(id)"))["object"].string == "conversation")
        #expect(Document(create(#","conversation":{"id":"\#(id)"}"#))["conversation"]["id"].string == id)
        #expect(Document(respond("/v1/conversations/\(id)", "DELETE"))["deleted"].bool == true)
        #expect(create(#","conversation":"\#(id)""#).status == 404)
        #expect(respond("/v1/conversations").status == 405)
    }

    @Test func theOldestGoWhereThereIsNoRoom() {
        var store = SandboxStore(byteLimit: 0, itemLimit: 2)
        for id in ["a", "b", "c"] {
            store.add(SandboxStore.Response(id: id, object: .null, input: .null))
            store.addConversation(id)
        }
        #expect(throws: SandboxError.self) { try store.response("a") }
        #expect(throws: SandboxError.self) { try store.conversation("a") }
        #expect((try? store.response("c"))?.id == "c")
        #expect((try? store.conversation("b")) == "b")
    }

    @Test func whatIsMissingIsRefused() {
        for body in [#"{"input":"x"}"#, #"{"model":"gpt-oss:20b"}"#, "[]"] {
            #expect(upstream.respond(to: request("/v1/responses", body)).status == 400)
        }
    }
}
