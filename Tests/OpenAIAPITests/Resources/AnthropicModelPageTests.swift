import Foundation
import Testing

@testable import OpenAIAPI

@Suite struct AnthropicModelPageTests {
    private struct Page: Decodable, Equatable {
        struct Model: Decodable, Equatable { let id: String }
        let data: [Model]
        let first_id: String?
        let last_id: String?
        let has_more: Bool
    }

    /// The upstream lists `count` models, m0, m1, …
    private func page(_ query: String, of count: Int, _ aliases: [(String, String)] = []) throws -> Page {
        let entries = (0..<count).map { #"{"id":"m\#($0)","created":\#($0)}"# }.joined(separator: ",")
        let list = try #require(
            ModelList(Array(#"{"data":[\#(entries)]}"#.utf8), allows: { $0 != "m1" }, aliases: aliases))
        let document = try AnthropicModelPage(Array(query.utf8).span).document(of: list) { "\($0)" }
        return try JSONDecoder().decode(Page.self, from: Data(document))
    }

    private func ids(_ query: String, of count: Int) throws -> (ids: [String], hasMore: Bool) {
        let page = try page(query, of: count)
        #expect(page.first_id == page.data.first?.id)
        #expect(page.last_id == page.data.last?.id)
        return (page.data.map(\.id), page.has_more)
    }

    @Test func pageHasTwentyModelsUnlessTheClientAsksForOthers() throws {
        #expect(try ids("", of: 21) == ((0..<21).filter { $0 != 1 }.map { "m\($0)" }, false))
        #expect(try ids("beta=true", of: 30).ids.count == 20)
        #expect(try ids("", of: 30).hasMore)
        #expect(try ids("limit=1000", of: 600) == ((0..<600).filter { $0 != 1 }.map { "m\($0)" }, false))
        #expect(try ids("limit=2", of: 5) == (["m0", "m2"], true))
        #expect(try ids("", of: 0) == ([], false))
    }

    @Test func pagesFollowAndPrecedeAModel() throws {
        #expect(try ids("after_id=m2&limit=2", of: 6) == (["m3", "m4"], true))
        #expect(try ids("after_id=m4&limit=2", of: 6) == (["m5"], false))
        #expect(try ids("after_id=m5", of: 6) == ([], false))
        #expect(try ids("before_id=m4&limit=2", of: 6) == (["m2", "m3"], true))
        #expect(try ids("before_id=m3&limit=2", of: 6) == (["m0", "m2"], false))
        #expect(try ids("before_id=m0", of: 6) == ([], false))
    }

    /// Whatever the length of a page, each model is on one, in both directions.
    @Test(arguments: 1...8) func pagesTogetherAreTheList(_ limit: Int) throws {
        let all = (0..<8).filter { $0 != 1 }.map { "m\($0)" }
        var forward: [String] = []
        var next = ""
        repeat {
            let page = try page("limit=\(limit)\(next)", of: 8)
            forward += page.data.map(\.id)
            next = page.has_more ? "&after_id=\(try #require(page.last_id))" : ""
        } while !next.isEmpty
        #expect(forward == all)

        var backward: [String] = []
        var previous: String? = "m7"
        while let id = previous {
            let page = try page("limit=\(limit)&before_id=\(id)", of: 8)
            backward = page.data.map(\.id) + backward
            previous = page.has_more ? page.first_id : nil
        }
        #expect(backward == all.dropLast())
    }

    @Test func aliasesAreModels() throws {
        let page = try page("after_id=m2", of: 3, [("gpt-4o", "m2"), ("hidden", "m1"), ("m0", "m2")])
        #expect(page.data == [.init(id: "gpt-4o")])
    }

    @Test(arguments: [
        "limit=0", "limit=1001", "limit=-1", "limit=x", "limit=", "limit=9223372036854775808", "after_id=a&before_id=b",
    ])
    func pagesThatAreNoneAreRefused(_ query: String) {
        let error = #expect(throws: APIError.self) { try AnthropicModelPage(Array(query.utf8).span) }
        #expect(error?.status == 400)
        #expect(error?.code == "invalid_value")
    }

    @Test(arguments: ["after_id=m1", "before_id=m9", "after_id="]) func modelsThatAreNotInTheListAreNoPlaces(
        _ query: String
    ) {
        let error = #expect(throws: APIError.self) { try page(query, of: 3) }
        #expect(error?.param == query.split(separator: "=").first.map(String.init))
    }
}
