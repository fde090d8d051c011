import Testing

@testable import OpenAIAPI

@Suite struct ObjectListTests {
    @Test func entriesStandWhereTheyAre() throws {
        let body = Array(
            #"{"data": [ {"id":"a", "x":[1,{"id":"no"}]} , {"no":"id"},{"id":"b"}], "has_more":true}"#.utf8)
        let page = try #require(ResourceListPage(body))
        #expect(page.hasMore)
        #expect(page.entries.map(\.object.id) == ["a", "b"])
        #expect(
            page.entries.map { String(decoding: body[$0.range], as: UTF8.self) }
                == [#"{"id":"a", "x":[1,{"id":"no"}]}"#, #"{"id":"b"}"#])
    }

    @Test(arguments: ["", "[]", #"{"data":{}}"#, #"{"data":[]"#, #"{"data":[],"data":[]}"#])
    func whatIsNoListIsNotTakenForOne(_ text: String) {
        #expect(ResourceListPage(Array(text.utf8)) == nil)
    }

    @Test func aListIsWrittenAroundItsEntries() {
        var list = ResourceListWriter()
        #expect(
            String(decoding: ResourceListWriter().finish(hasMore: false), as: UTF8.self)
                == #"{"object":"list","data":[],"first_id":null,"last_id":null,"has_more":false}"#)
        list.add(Array(#"{"id":"a" }"#.utf8)[...], id: "a")
        list.add(Array(#"{"id":"b"}"#.utf8)[...], id: "b\"")
        #expect(list.count == 2)
        #expect(
            String(decoding: list.finish(hasMore: true), as: UTF8.self)
                == #"{"object":"list","data":[{"id":"a" },{"id":"b"}],"first_id":"a","last_id":"b\"","has_more":true}"#)
    }
}
