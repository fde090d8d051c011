import Testing

@testable import OpenAIAPI

@Suite struct ResourceListPageTests {
    @Test func entriesStandWhereTheyAre() throws {
        let body = Array(
            #"{"data": [ {"id":"a", "x":[1,{"id":"no"}]} , {"no":"id"},{"id":"b"}], "has_more":true}"#.utf8)
        let page = try #require(ResourceListPage(body))
        #expect(page.hasMore)
        #expect(page.entries.map(\.resource.id) == ["a", "b"])
        #expect(
            page.entries.map { String(decoding: body[$0.range], as: UTF8.self) }
                == [#"{"id":"a", "x":[1,{"id":"no"}]}"#, #"{"id":"b"}"#])
    }

    @Test(arguments: ["", "[]", #"{"data":{}}"#, #"{"data":[]"#, #"{"data":[],"data":[]}"#])
    func whatIsNoListIsNotTakenForOne(_ text: String) {
        #expect(ResourceListPage(Array(text.utf8)) == nil)
    }

    @Test func anEmptyPageHasNoEntries() throws {
        let page = try #require(ResourceListPage(Array(#"{"data":[],"has_more":false}"#.utf8)))
        #expect(page.entries.isEmpty)
        #expect(!page.hasMore)
    }

    @Test(arguments: ["null", "1", #""true""#, "[]"]) func onlyTrueMeansMore(value: String) throws {
        let page = try #require(ResourceListPage(Array(#"{"data":[],"has_more":\#(value)}"#.utf8)))
        #expect(!page.hasMore)
    }

    @Test func aBatchInTheListTellsItsState() throws {
        let body = Array(#"{"data":[{"id":"b","status":"failed","error_file_id":"e"}]}"#.utf8)
        let entry = try #require(ResourceListPage(body)?.entries.first)
        #expect(entry.resource.hasEnded)
        #expect(entry.resource.writtenFileIDs == ["e"])
    }
}
