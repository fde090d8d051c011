import Testing

@testable import Sandbox

@Suite struct FilesTests {
    let upstream = SandboxUpstream()

    private func respond(_ path: String, _ method: String = "GET") -> SandboxResponse {
        upstream.respond(to: request(path, method: method))
    }

    private func store(_ content: String, purpose: String = "batch") throws -> String {
        let response = upstream.respond(to: upload("/v1/files", ["purpose": purpose], file: Array(content.utf8)))
        return try #require(Document(response)["id"].string)
    }

    private func ids(_ query: String = "") -> [String] {
        Document(respond("/v1/files\(query)"))["data"].elements.compactMap { $0["id"].string }
    }

    @Test func anUploadIsAFile() {
        let file = Document(upstream.respond(to: upload("/v1/files", ["purpose": "batch"], file: [1, 2, 3])))
        #expect(file["object"].string == "file")
        #expect(file["bytes"].int == 3)
        #expect(file["filename"].string == "a.bin")
        #expect(file["purpose"].string == "batch")
        #expect(file["status"].string == "processed")
        #expect(file["created_at"].int == 1_750_000_000)
        #expect(file["id"].string?.hasPrefix("file-") == true)
    }

    @Test func aFileIsShown() throws {
        let id = try store("line one\nline two")
        #expect(Document(respond("/v1/files/\(id)"))["bytes"].int == 17)
    }

    @Test func aFileHasItsContent() throws {
        let response = respond("/v1/files/\(try store("line one\nline two"))/content")
        #expect(response.text == "line one\nline two")
        #expect(response.header("content-type") == "application/octet-stream")
    }

    @Test func aDeletedFileIsGone() throws {
        let id = try store("x")
        let response = Document(respond("/v1/files/\(id)", "DELETE"))
        #expect(response["deleted"].bool == true)
        #expect(response["id"].string == id)
        #expect(respond("/v1/files/\(id)").status == 404)
        #expect(respond("/v1/files/\(id)/content").status == 404)
        #expect(respond("/v1/files/\(id)", "DELETE").status == 404)
    }

    @Test func theNewestFileIsFirst() throws {
        let stored = try (0..<3).map { try store("\($0)") }
        #expect(ids() == stored.reversed())
        #expect(ids("?order=desc") == stored.reversed())
        #expect(ids("?order=asc") == stored)
    }

    @Test func pagesCoverTheList() throws {
        let stored = try (0..<5).map { try store("\($0)") }
        var seen: [String] = []
        var after = ""
        for _ in 0..<3 {
            let page = Document(respond("/v1/files?limit=2\(after)"))
            seen += page["data"].elements.compactMap { $0["id"].string }
            #expect(page["has_more"].bool == (seen.count < 5))
            #expect(page["first_id"].string == page["data"][0]["id"].string)
            after = "&after=\(try #require(page["last_id"].string))"
        }
        #expect(seen == stored.reversed())
    }

    @Test func anEmptyListHasNoIDs() {
        let list = Document(respond("/v1/files"))
        #expect(list["object"].string == "list")
        #expect(list.has("first_id"))
        #expect(!list["first_id"].exists)
        #expect(list["has_more"].bool == false)
    }

    @Test func listsAreFilteredByPurpose() throws {
        let batch = try store("1")
        let vision = try store("2", purpose: "vision")
        #expect(ids("?purpose=batch") == [batch])
        #expect(ids("?purpose=vision") == [vision])
        #expect(ids("?purpose=other") == [])
    }

    @Test(arguments: [
        ([:], true, "purpose"), (["purpose": ""], true, "purpose"), (["purpose": "batch"], false, "file"),
    ])
    func uploadsAreChecked(_ fields: [String: String], _ hasFile: Bool, _ param: String) {
        let response = upstream.respond(to: upload("/v1/files", fields, file: hasFile ? [1] : nil))
        #expect(response.status == 400)
        #expect(Document(response)["error"]["param"].string == param)
    }

    @Test(
        arguments: [
            ("/v1/files", "DELETE", "GET, HEAD, POST"), ("/v1/files/x", "POST", "GET, HEAD, DELETE"),
            ("/v1/files/x/content", "POST", "GET, HEAD"),
        ])
    func methodsAreChecked(_ path: String, _ method: String, _ allow: String) {
        let response = respond(path, method)
        #expect(response.status == 405)
        #expect(response.header("allow") == allow)
    }

    @Test func bytesOfAllFilesAreBounded() throws {
        var options = SandboxOptions()
        options.storedBytes = 10
        let small = SandboxUpstream(options: options)
        func store(_ count: Int) -> SandboxResponse {
            small.respond(to: upload("/v1/files", ["purpose": "batch"], file: [UInt8](repeating: 65, count: count)))
        }
        let first = store(6)
        #expect(first.status == 200)
        #expect(Document(store(5))["error"]["code"].string == "storage_full")
        #expect(store(4).status == 200)
        let id = try #require(Document(first)["id"].string)
        _ = small.respond(to: request("/v1/files/\(id)", method: "DELETE"))
        #expect(store(6).status == 200)
    }

    @Test func filesAreBounded() {
        var options = SandboxOptions()
        options.storedItems = 2
        let small = SandboxUpstream(options: options)
        let statuses = (0..<3).map { _ in
            small.respond(to: upload("/v1/files", ["purpose": "batch"], file: [1])).status
        }
        #expect(statuses == [200, 200, 400])
    }
}
