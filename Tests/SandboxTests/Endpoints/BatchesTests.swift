import Testing

@testable import Sandbox

@Suite struct BatchesTests {
    let upstream = SandboxUpstream()

    private func get(_ path: String) -> SandboxResponse { upstream.respond(to: request(path, method: "GET")) }

    private func store(_ lines: [String]) throws -> String {
        let content = Array(lines.joined(separator: "\n").utf8)
        let response = upstream.respond(to: upload("/v1/files", ["purpose": "batch"], file: content))
        return try #require(Document(response)["id"].string)
    }

    private func line(_ id: String, model: String = "sandbox", more: String = "") -> String {
        #"{"custom_id":"\#(id)","method":"POST","url":"/v1/chat/completions","body":{"model":"\#(model)","max_tokens":5,"messages":[{"role":"user","content":"x"}]\#(more)}}"#
    }

    private func create(
        _ lines: [String], endpoint: String = "/v1/chat/completions", more: String = ""
    ) throws -> Document {
        let body = #"{"input_file_id":"\#(try store(lines))","endpoint":"\#(endpoint)"\#(more)}"#
        return Document(upstream.respond(to: request("/v1/batches", body)))
    }

    private func lines(_ batch: Document, _ member: String) throws -> [Document] {
        let text = get("/v1/files/\(try #require(batch[member].string))/content").text
        return text.split(separator: "\n").map { Document(Array($0.utf8)) }
    }

    @Test func aBatchCompletesAtOnce() throws {
        let batch = try create([line("a"), line("b")], more: #","completion_window":"24h","metadata":{"x":"y"}"#)
        #expect(batch["object"].string == "batch")
        #expect(batch["status"].string == "completed")
        #expect(batch["endpoint"].string == "/v1/chat/completions")
        #expect(batch["completion_window"].string == "24h")
        #expect(batch["metadata"]["x"].string == "y")
        #expect(batch["request_counts"]["total"].int == 2)
        #expect(batch["request_counts"]["completed"].int == 2)
        #expect(batch["completed_at"].int == 1_750_000_000)
        #expect(batch["expires_at"].int == 1_750_086_400)
        #expect(!batch["error_file_id"].exists)
    }

    @Test func theOutputHasAResponseForEachLine() throws {
        let output = try lines(try create([line("a"), "", line("b")]), "output_file_id")
        #expect(output.map { $0["custom_id"].string } == ["a", "b"])
        #expect(output.allSatisfy { $0["response"]["status_code"].int == 200 })
        #expect(output.allSatisfy { $0["response"]["body"]["usage"]["completion_tokens"].int == 5 })
        #expect(output.allSatisfy { $0["response"]["request_id"].string?.hasPrefix("chatcmpl-") == true })
    }

    @Test func errorsHaveAFileOfTheirOwn() throws {
        let batch = try create([line("a"), line("b", model: "none")])
        #expect(batch["request_counts"]["failed"].int == 1)
        let errors = try lines(batch, "error_file_id")
        #expect(errors.map { $0["custom_id"].string } == ["b"])
        #expect(errors[0]["response"]["status_code"].int == 404)
        #expect(try lines(batch, "output_file_id").count == 1)
    }

    @Test(arguments: ["{", "5", "{}"])
    func linesWithoutABodyAreErrors(_ line: String) throws {
        let batch = try create([line])
        #expect(batch["request_counts"]["failed"].int == 1)
        #expect(try lines(batch, "error_file_id")[0]["response"]["status_code"].int == 400)
    }

    @Test func linesForOtherEndpointsAreErrors() throws {
        let errors = try lines(try create([#"{"url":"/v1/embeddings","body":{}}"#]), "error_file_id")
        #expect(errors[0]["error"]["code"].string == "invalid_request")
        #expect(!errors[0]["response"].exists)
    }

    @Test func streamedLinesAreErrors() throws {
        let errors = try lines(try create([line("a", more: #","stream":true"#)]), "error_file_id")
        #expect(errors[0]["response"]["status_code"].int == 400)
    }

    @Test func batchesHaveABillOfTheirOwn() throws {
        _ = try create([line("a"), line("b")])
        let payer = SandboxPayer(authorization: "Bearer key", model: "sandbox", isBatch: true)
        #expect(upstream.totals[payer]?.completionTokens == 10)
        #expect(upstream.totals[payer]?.requests == 2)
        #expect(upstream.totals.count == 1)
    }

    @Test func aBatchIsShown() throws {
        let id = try #require(try create([line("a")])["id"].string)
        #expect(Document(get("/v1/batches/\(id)"))["id"].string == id)
        #expect(get("/v1/batches/none").status == 404)
    }

    @Test func theNewestBatchIsFirst() throws {
        let ids = try (0..<3).map { try create([line("\($0)")])["id"].string }
        #expect(Document(get("/v1/batches"))["data"].elements.map { $0["id"].string } == ids.reversed())
        let page = Document(get("/v1/batches?limit=1"))
        #expect(page["has_more"].bool == true)
        #expect(page["last_id"].string == ids[2])
    }

    @Test func aHeldBatchStaysInProgress() throws {
        let batch = try create([line("a")], more: #","metadata":{"sandbox":"hold"}"#)
        #expect(batch["status"].string == "in_progress")
        #expect(!batch["completed_at"].exists)
        #expect(!batch["output_file_id"].exists)
        #expect(upstream.totals.isEmpty)
    }

    @Test func aHeldBatchIsCancelledOnce() throws {
        let id = try #require(try create([line("a")], more: #","metadata":{"sandbox":"hold"}"#)["id"].string)
        let cancelled = Document(upstream.respond(to: request("/v1/batches/\(id)/cancel")))
        #expect(cancelled["status"].string == "cancelled")
        #expect(cancelled["cancelled_at"].int == 1_750_000_000)
        #expect(Document(get("/v1/batches/\(id)"))["status"].string == "cancelled")
        #expect(upstream.respond(to: request("/v1/batches/\(id)/cancel")).status == 409)
    }

    @Test func aCompletedBatchIsNotCancelled() throws {
        let id = try #require(try create([line("a")])["id"].string)
        #expect(upstream.respond(to: request("/v1/batches/\(id)/cancel")).status == 409)
    }

    @Test(
        arguments: [
            (#"{"endpoint":"/v1/embeddings"}"#, 400), (#"{"input_file_id":"x"}"#, 400),
            (#"{"input_file_id":"x","endpoint":"/v1/embeddings"}"#, 404),
            (#"{"input_file_id":"x","endpoint":"/v1/rerank"}"#, 400), ("[]", 400),
        ])
    func requestsAreChecked(_ body: String, _ status: Int) {
        #expect(upstream.respond(to: request("/v1/batches", body)).status == status)
    }

    @Test(arguments: [
        ("/v1/batches", "DELETE", 405), ("/v1/batches/x", "POST", 405), ("/v1/batches/x/cancel", "GET", 405),
        ("/v1/batches/x/other", "POST", 404),
    ])
    func pathsAndMethodsAreChecked(_ path: String, _ method: String, _ status: Int) {
        #expect(upstream.respond(to: request(path, method: method)).status == status)
    }

    @Test func batchesAreBounded() throws {
        var options = SandboxOptions()
        options.storedItems = 2
        let small = SandboxUpstream(options: options)
        let file = small.respond(to: upload("/v1/files", ["purpose": "batch"], file: Array("{}".utf8)))
        let id = try #require(Document(file)["id"].string)
        let body = #"{"input_file_id":"\#(id)","endpoint":"/v1/embeddings","metadata":{"sandbox":"hold"}}"#
        let statuses = (0..<3).map { _ in small.respond(to: request("/v1/batches", body)).status }
        #expect(statuses == [200, 200, 400])
    }
}
