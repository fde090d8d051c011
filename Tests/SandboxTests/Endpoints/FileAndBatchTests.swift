import Testing

@testable import Sandbox

@Suite struct FileAndBatchTests {
    let upstream = SandboxUpstream()

    private func get(_ path: String) -> SandboxResponse { upstream.respond(to: request(path, method: "GET")) }

    private func store(_ content: String) throws -> String {
        try #require(
            Document(upstream.respond(to: upload("/v1/files", ["purpose": "batch"], file: Array(content.utf8))))["id"]
                .string)
    }

    @Test func filesAreKeptUntilTheyAreDeleted() throws {
        let id = try store("line one\nline two")
        #expect(Document(get("/v1/files/\(id)"))["bytes"].int == 17)
        #expect(get("/v1/files/\(id)/content").text == "line one\nline two")
        #expect(Document(upstream.respond(to: request("/v1/files/\(id)", method: "DELETE")))["deleted"].bool == true)
        #expect(get("/v1/files/\(id)").status == 404)
    }

    @Test func listsArePaged() throws {
        let ids = try (0..<5).map { try store("\($0)") }
        var seen: [String] = []
        var after = ""
        while true {
            let page = Document(get("/v1/files?limit=2\(after)"))
            seen += page["data"].elements.compactMap { $0["id"].string }
            guard page["has_more"].bool == true else { break }
            after = "&after=\(try #require(page["last_id"].string))"
        }
        #expect(seen == ids.reversed())
        #expect(get("/v1/files?limit=0").status == 400)
        #expect(Document(get("/v1/files?purpose=vision"))["data"].count == 0)
    }

    @Test func filesAreBounded() {
        var options = SandboxOptions()
        options.storedBytes = 10
        let small = SandboxUpstream(options: options)
        func status() -> Int {
            small.respond(to: upload("/v1/files", ["purpose": "batch"], file: Array("123456".utf8))).status
        }
        #expect(status() == 200)
        #expect(status() == 400)
    }

    @Test func aBatchIsDoneAtOnce() throws {
        let line =
            #"{"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"sandbox","max_tokens":5,"messages":[{"role":"user","content":"x"}]}}"#
        let wrong = line.replacing("\"sandbox\"", with: "\"none\"").replacing("\"a\"", with: "\"b\"")
        let input = try store(line + "\n" + wrong + "\n")
        let create = #"{"input_file_id":"\#(input)","endpoint":"/v1/chat/completions","completion_window":"24h"}"#
        let batch = Document(upstream.respond(to: request("/v1/batches", create)))
        #expect(batch["status"].string == "completed")
        #expect(batch["request_counts"]["completed"].int == 1)
        #expect(batch["request_counts"]["failed"].int == 1)
        let output = try #require(batch["output_file_id"].string)
        let result = Document(get("/v1/files/\(output)/content"))
        #expect(result["custom_id"].string == "a")
        #expect(!result.has("error"))
        #expect(result["response"]["body"]["usage"]["completion_tokens"].int == 5)
        let errors = Document(get("/v1/files/\(try #require(batch["error_file_id"].string))/content"))
        #expect(errors["response"]["status_code"].int == 404)
        let payer = SandboxPayer(authorization: "Bearer key", model: "sandbox", isBatch: true)
        #expect(upstream.totals[payer]?.completionTokens == 5)
        let id = try #require(batch["id"].string)
        #expect(Document(get("/v1/batches/\(id)"))["id"].string == id)
        #expect(Document(get("/v1/batches"))["data"].count == 1)
        #expect(upstream.respond(to: request("/v1/batches/\(id)/cancel")).status == 409)
    }

    @Test func aHeldBatchCanBeCancelled() throws {
        let input = try store("{}")
        let create = #"{"input_file_id":"\#(input)","endpoint":"/v1/embeddings","metadata":{"sandbox":"hold"}}"#
        let batch = Document(upstream.respond(to: request("/v1/batches", create)))
        #expect(batch["status"].string == "in_progress")
        let id = try #require(batch["id"].string)
        #expect(Document(upstream.respond(to: request("/v1/batches/\(id)/cancel")))["status"].string == "cancelled")
        #expect(upstream.respond(to: request("/v1/batches/\(id)/cancel")).status == 409)
    }
}
