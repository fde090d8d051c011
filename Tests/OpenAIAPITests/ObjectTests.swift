import Testing

@testable import OpenAIAPI

@Suite struct ObjectTests {
    private func read(_ text: String) -> ObjectFacts? { ObjectFacts(Array(text.utf8).span) }
    private func path(_ text: String) -> ObjectPath? { ObjectPath(Array(text.utf8).span) }

    @Test func pathsNameTheirObjects() {
        #expect(path("/v1/files") == .collection)
        #expect(path("/v1/files/file-1") == .object("file-1"))
        #expect(path("/v1/files/file%2D1/content") == .part(of: "file-1", "content"))
        #expect(path("/v1/batches/b/cancel") == .part(of: "b", "cancel"))
        for odd in ["/v1/files/", "/v1/files//content", "/v1/files/a/b/c", "/v1/files/%zz"] {
            #expect(path(odd) == nil)
        }
    }

    @Test func factsAreThoseOfTheTopLevel() throws {
        let text =
            #"{"object":"batch","id":"b1","status":"completed","output_file_id":"f1","error_file_id":null,"metadata":{"id":"x"}}"#
        let facts = try #require(read(text))
        #expect(facts.id == "b1")
        #expect(facts.outputFileID == "f1")
        #expect(facts.errorFileID == nil)
        #expect(facts.hasEnded)
        for none in ["[]", "{}", #"{"id":1}"#, #"{"id":""}"#, #"{"id":"a""#] {
            #expect(read(none) == nil)
        }
    }

    @Test func pagesKeepTheBytesOfTheirEntries() throws {
        let body = Array(#"{ "data" : [ {"id":"a", "n":1.0} , {"id":"b"}], "has_more" : true, "object":"list" }"#.utf8)
        let page = try #require(ObjectPage(body))
        #expect(page.entries.map(\.facts.id) == ["a", "b"])
        #expect(page.hasMore)
        let text = ObjectPage.text(of: page.entries.map { ($0.facts.id, body[$0.range]) }, hasMore: false)
        #expect(
            String(decoding: text, as: UTF8.self)
                == #"{"object":"list","data":[{"id":"a", "n":1.0},{"id":"b"}],"first_id":"a","last_id":"b","has_more":false}"#
        )
        #expect(
            String(decoding: ObjectPage.text(of: [], hasMore: true), as: UTF8.self)
                == #"{"object":"list","data":[],"first_id":null,"last_id":null,"has_more":true}"#)
        for none in ["{}", #"{"data":{}}"#, #"{"data":[{"no":"id"}]}"#, #"{"data":["#] {
            #expect(ObjectPage(Array(none.utf8)) == nil)
        }
    }

    @Test func queriesKeepWhatIsNotTheirs() {
        func query(_ text: String) -> PageQuery { PageQuery(Array(text.utf8).span) }
        let paged = query("purpose=batch&limit=7&after=x&order=asc")
        #expect(paged.limit == 7)
        #expect(paged.next(after: "file 1&", limit: 100) == "purpose=batch&order=asc&limit=100&after=file%201%26")
        #expect(query("limit=0").limit == nil)
        #expect(query("limit=x").next(after: "a", limit: 1) == "limit=1&after=a")
    }

    private static let output = Array(
        (#"{"id":"1","response":{"status_code":200,"body":{"model":"m","usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7,"#
            + #""completion_tokens_details":{"reasoning_tokens":2}}}}}"# + "\n\n"
            + #"{"id":"2","response":{"status_code":200,"body":{"model":"e","usage":{"prompt_tokens":5,"total_tokens":5}}}}"#
            + "\r\n"
            + #"{"id":"3","response":null,"error":{}}"# + "\n" + "{broken\n"
            + #"{"id":"4","response":{"body":{"model":"m","usage":{"prompt_tokens":10,"completion_tokens":1}}}}"#).utf8)

    @Test(arguments: 1..<60)
    func outputIsSummedUpByModelInAnyPieces(size: Int) {
        var output = BatchOutput()
        var start = 0
        while start < Self.output.count {
            let end = min(Self.output.count, start + size)
            output.scan(Self.output.span.extracting(start..<end))
            start = end
        }
        output.finish()
        let uses = output.uses
        #expect(uses.keys.sorted() == ["e", "m"])
        #expect(uses["m"]?.lines == 2)
        #expect(uses["m"]?.usage.promptTokens == 13)
        #expect(uses["m"]?.usage.completionTokens == 5)
        #expect(uses["m"]?.usage.reasoningTokens == 2)
        #expect(uses["e"]?.usage.promptTokens == 5)
        #expect(uses["e"]?.usage.completionTokens == 0)
    }
}
