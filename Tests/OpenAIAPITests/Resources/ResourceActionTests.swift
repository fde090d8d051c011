import Testing

@testable import OpenAIAPI

@Suite struct ResourceActionTests {
    /// What the request does, by the way that it is routed.
    private func action(_ method: String, _ path: String) -> ResourceAction? {
        let method = Array(method.utf8)
        let path = Array(path.utf8)
        guard case .endpoint(let endpoint, _) = route(method: method.span, path: path.span) else { return nil }
        return ResourceAction(endpoint: endpoint, method: method.span, path: path.span)
    }

    @Test func everyRequestForAFileOrBatchIsKnown() {
        #expect(action("POST", "/v1/files") == .create)
        #expect(action("POST", "/v1/batches") == .create)
        #expect(action("GET", "/v1/files") == .list)
        #expect(action("HEAD", "/v1/batches") == .list)
        #expect(action("GET", "/v1/files/file-1") == .use(id: "file-1"))
        #expect(action("DELETE", "/v1/files/file-1") == .delete(id: "file-1"))
        #expect(action("GET", "/v1/files/file-1/content") == .content(id: "file-1"))
        #expect(action("GET", "/v1/batches/b") == .use(id: "b"))
        #expect(action("POST", "/v1/batches/b/cancel") == .use(id: "b"))
    }

    @Test func responsesAndConversationsHaveTheirActions() {
        #expect(action("GET", "/v1/responses/r") == .use(id: "r"))
        #expect(action("DELETE", "/v1/responses/r") == .delete(id: "r"))
        #expect(action("POST", "/v1/responses/r/cancel") == .use(id: "r"))
        #expect(action("GET", "/v1/responses/r/input_items") == .use(id: "r"))
        #expect(action("POST", "/v1/conversations") == .create)
        #expect(action("POST", "/v1/conversations/c") == .use(id: "c"))
        #expect(action("DELETE", "/v1/conversations/c") == .delete(id: "c"))
        #expect(action("DELETE", "/v1/conversations/c/items/i") == .use(id: "c"))
    }

    @Test func whatIsUnknownBelowAnObjectBelongsToItsOwnerToo() {
        #expect(action("GET", "/v1/files/file-1/download") == .use(id: "file-1"))
        #expect(action("PATCH", "/v1/batches/b/lines/7") == .use(id: "b"))
    }

    @Test func everythingElseIsNoObject() {
        for path in ["/v1/filesystem", "/v1/models", "/v1/uploads", "/v1/batchesx/b"] {
            #expect(action("GET", path) == nil)
        }
        #expect(action("POST", "/v1/chat/completions") == nil)
    }

    @Test func idsAreDecoded() {
        let path = Array("/v1/files/a%20b".utf8)
        #expect(
            ResourceAction(endpoint: .files, method: Array("GET".utf8).span, path: path.span) == .use(id: "a b"))
    }

    @Test func onlyFilesAreDeletedAndHaveContent() {
        let delete = Array("DELETE".utf8)
        #expect(
            ResourceAction(endpoint: .batches, method: delete.span, path: Array("/v1/batches/b".utf8).span)
                == .use(id: "b"))
        #expect(
            ResourceAction(endpoint: .other, method: delete.span, path: Array("/v1/files/a/b/c".utf8).span)
                == .use(id: "a"))
    }
}
