import Testing

@testable import OpenAIAPI

@Suite struct QueryModelTests {
    @Test(arguments: [
        ("model=a", "a"), ("x=1&model=gpt-oss%3A120b&y", "gpt-oss:120b"), ("model=a;b=1", "a"), ("model=x%2Fy", "x/y"),
    ]) func isFound(query: String, model: String) {
        #expect(QueryModel(inQuery: Array(query.utf8).span)?.model == model)
    }

    @Test(arguments: [
        "", "model", "model=", "models=a", "model=a&model=b", "%6dodel=a", "MODEL=a", "model=%zz", "model=a+b", "&",
    ])
    func isNoneOrInDoubt(query: String) {
        #expect(QueryModel(inQuery: Array(query.utf8).span) == nil)
    }

    @Test func isReplaced() throws {
        let query = Array("a=1&model=gpt-4o&b=%20".utf8)
        var output: [UInt8] = []
        let found = QueryModel(inQuery: query.span)
        try #require(found).replace(in: query.span, with: "x/y:1", to: &output)
        #expect(String(decoding: output, as: UTF8.self) == "a=1&model=x%2Fy:1&b=%20")
    }
}
