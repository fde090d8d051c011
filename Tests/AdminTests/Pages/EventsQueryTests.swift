import Testing

@testable import Admin

@Suite struct EventsQueryTests {
    @Test(
        arguments: [
            ("", nil, 100), ("after=7", 7, 100), ("limit=3", nil, 3), ("after=0&limit=1000", 0, 1000),
            ("limit=1&after=9223372036854775807", .max, 1), ("&after=2&", 2, 100),
        ] as [(String, Int64?, Int)])
    func parametersAreRead(text: String, after: Int64?, limit: Int) throws {
        let query = try EventsQuery(text)
        #expect(query.after == after)
        #expect(query.limit == limit)
    }

    @Test(arguments: [
        "after", "after=", "after=x", "after=-1", "after=9223372036854775808", "limit=0", "limit=1001", "limit=1.5",
        "since=24h", "=", "after=1&x",
    ])
    func otherTextsAreRefused(text: String) {
        #expect(throws: EventsQuery.Problem.self) { try EventsQuery(text) }
    }
}
