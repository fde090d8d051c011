import Testing

@testable import OpenAIAPI

@Suite struct ListQueryTests {
    private func query(_ text: String) -> ListQuery { ListQuery(Array(text.utf8).span) }

    private func page(_ text: String, _ limit: Int?, _ after: String?) -> String {
        String(decoding: query(text).page(limit: limit, after: after), as: UTF8.self)
    }

    @Test func limitAndAfterAreRead() {
        #expect(query("").limit == nil)
        #expect(query("").after == nil)
        let read = query("purpose=batch&limit=20&%61fter=file%2D1&order=asc")
        #expect(read.limit == 20)
        #expect(read.after == "file-1")
        #expect(query("after=&limit=").after == nil)
    }

    @Test func everythingElseStaysAsItIs() {
        #expect(
            page("purpose=a%20b&limit=5&x&after=q&order=asc", 100, "a/b")
                == "purpose=a%20b&x&order=asc&limit=100&after=a%2Fb")
        #expect(page("", nil, nil) == "")
    }

    @Test func ofANameThatStandsTwiceTheFirstCounts() {
        #expect(page("after=a&after=b&limit=1&limit=x", 1, query("after=a&after=b").after) == "limit=1&after=a")
    }

    @Test(arguments: ["0", "-1", "abc", "9999999999999999999"]) func aLimitThatIsNoneIsTheUpstreamsToRefuse(
        _ text: String
    ) {
        #expect(query("limit=\(text)").limit == nil)
        #expect(page("limit=\(text)", 100, nil) == "limit=\(text)")
    }
}
