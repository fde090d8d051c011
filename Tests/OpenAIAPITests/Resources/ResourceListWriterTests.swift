import Testing

@testable import OpenAIAPI

@Suite struct ResourceListWriterTests {
    @Test func anEmptyListHasNoIDs() {
        #expect(
            String(decoding: ResourceListWriter().finish(hasMore: false), as: UTF8.self)
                == #"{"object":"list","data":[],"first_id":null,"last_id":null,"has_more":false}"#)
    }

    @Test func entriesKeepTheirBytes() {
        var list = ResourceListWriter()
        list.add(Array(#"{"id":"a" }"#.utf8)[...], id: "a")
        list.add(Array(#"{"id":"b"}"#.utf8)[...], id: "b\"")
        #expect(list.count == 2)
        #expect(
            String(decoding: list.finish(hasMore: true), as: UTF8.self)
                == #"{"object":"list","data":[{"id":"a" },{"id":"b"}],"first_id":"a","last_id":"b\"","has_more":true}"#)
    }

    @Test func oneEntryIsFirstAndLast() {
        var list = ResourceListWriter()
        list.add(Array("{}".utf8)[...], id: "a")
        #expect(
            String(decoding: list.finish(hasMore: false), as: UTF8.self)
                == #"{"object":"list","data":[{}],"first_id":"a","last_id":"a","has_more":false}"#)
    }

    @Test func theSizeGrowsByEveryEntry() {
        var list = ResourceListWriter()
        let empty = list.byteCount
        list.add(Array("{}".utf8)[...], id: "a")
        #expect(list.byteCount == empty + 2)
        list.add(Array("{}".utf8)[...], id: "b")
        #expect(list.byteCount == empty + 5)
    }

    @Test func aWrittenListIsAPage() throws {
        var list = ResourceListWriter()
        for id in ["a", "b", "c"] { list.add(Array(#"{"id":"\#(id)"}"#.utf8)[...], id: id) }
        let page = try #require(ResourceListPage(list.finish(hasMore: true)))
        #expect(page.entries.map(\.resource.id) == ["a", "b", "c"])
        #expect(page.hasMore)
    }
}
