import Testing

@testable import OpenAIAPI

@Suite struct QueryModelTests {
    @Test(arguments: [
        ("model=a", "a"), ("x=1&model=gpt-oss%3A120b&y", "gpt-oss:120b"), ("model=a;b=1", "a"), ("model=x%2Fy", "x/y"),
    ]) func isFound(query: String, model: String) throws {
        let found = try QueryModel.find(in: Array(query.utf8).span)
        #expect(found?.model == model)
    }

    @Test(arguments: ["", "models=a", "&", "a=model", "xmodel=a", "model%3Da"])
    func isNone(query: String) throws {
        let found = try QueryModel.find(in: Array(query.utf8).span)
        #expect(found == nil)
    }

    /// What two servers could read differently is 400.
    @Test(arguments: [
        ("model", "invalid_model"), ("model=", "invalid_model"), ("model=a&model=a", "duplicate_member"),
        ("model=a&MODEL=b", "duplicate_member"), ("%6dodel=a", "invalid_value"), ("MODEL=a", "invalid_value"),
        ("model=%zz", "invalid_model"), ("model=a+b", "invalid_model"), ("model=a+%CC%81b", "invalid_model"),
        ("model=a%00b", "invalid_model"),
        ("model=a%1Bb", "invalid_model"), ("model=a%0D%0Ab", "invalid_model"), ("model=a%7F", "invalid_model"),
        ("model=%E2%80%AE", "invalid_model"), ("model=%ff", "invalid_model"),
    ])
    func isInDoubt(query: String, code: String) {
        do throws(APIError) {
            _ = try QueryModel.find(in: Array(query.utf8).span)
            Issue.record("accepted")
        } catch {
            #expect(error.status == 400)
            #expect(error.code == code)
        }
    }

    @Test func isReplaced() throws {
        let query = Array("a=1&model=gpt-4o&b=%20".utf8)
        var output: [UInt8] = []
        let found = try QueryModel.find(in: query.span)
        try #require(found).replace(in: query.span, with: "x/y:1", to: &output)
        #expect(String(decoding: output, as: UTF8.self) == "a=1&model=x%2Fy:1&b=%20")
    }
}
