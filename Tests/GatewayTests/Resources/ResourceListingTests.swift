import Loopback
import Policy
import Testing

@testable import Gateway

@Suite(.ownThread) struct ResourceListingTests {
    private static func entry(_ id: String) -> String { #"{"id": "\#(id)", "n":9007199254740993.0}"# }

    private static func page(_ ids: [String], hasMore: Bool) -> String {
        last(#"{"object":"list","data":[\#(ids.map(entry).joined(separator: ","))],"has_more":\#(hasMore)}"#)
    }

    private static func list(_ ids: [String], hasMore: Bool) -> String {
        func quoted(_ id: String?) -> String { id.map { "\"\($0)\"" } ?? "null" }
        return #"{"object":"list","data":[\#(ids.map(entry).joined(separator: ","))],"first_id":\#(quoted(ids.first)),"#
            + #""last_id":\#(quoted(ids.last)),"has_more":\#(hasMore)}"#
    }

    private func fixture(_ pages: [String]) throws -> (GatewayFixture, ScriptedServer) {
        let upstream = try upstream(pages)
        let fixture = try GatewayFixture(upstream: upstream.address)
        for id in ["a", "b", "c"] { fixture.own(id) }
        return (fixture, upstream)
    }

    private func targets(_ upstream: ScriptedServer) -> [String] {
        upstream.requests.withLock { $0.map { String($0.split(separator: " ")[1]) } }
    }

    @Test func oneSeesOnesOwnByteForByte() throws {
        let (fixture, upstream) = try fixture([Self.page(["x", "a", "y", "b"], hasMore: false)])
        let answer = try #require(try fixture.answer(to: fixture.request("/v1/files?purpose=batch", method: "GET")))
        #expect(body(of: answer) == Self.list(["a", "b"], hasMore: false))
        #expect(answer.contains("\r\nx-request-id: "))
        #expect(targets(upstream) == ["/v1/files?purpose=batch"])
        #expect(upstream.requests.withLock { $0[0] }.contains("accept-encoding: identity\r\n"))
    }

    @Test func strangersSeeNothing() throws {
        let (fixture, _) = try fixture([Self.page(["x", "a"], hasMore: false)])
        let request = fixture.request("/v1/files", method: "GET", key: fixture.strangersKey)
        #expect(body(of: try #require(try fixture.answer(to: request))) == Self.list([], hasMore: false))
    }

    @Test func pagesAreAskedForUntilThereAreEnough() throws {
        let (fixture, upstream) = try fixture([
            Self.page(["x", "a"], hasMore: true), Self.page(["y", "z"], hasMore: true),
            Self.page(["b", "c", "w"], hasMore: true),
        ])
        let request = fixture.request("/v1/batches?order=asc&limit=2", method: "GET")
        #expect(body(of: try #require(try fixture.answer(to: request))) == Self.list(["a", "b"], hasMore: true))
        #expect(
            targets(upstream) == [
                "/v1/batches?order=asc&limit=100", "/v1/batches?order=asc&limit=100&after=a",
                "/v1/batches?order=asc&limit=100&after=z",
            ])
    }

    @Test func theNextPageBeginsBehindTheLastOfOnesOwn() throws {
        let (fixture, upstream) = try fixture([Self.page(["c"], hasMore: false)])
        let request = fixture.request("/v1/files?after=b&limit=200", method: "GET")
        #expect(body(of: try #require(try fixture.answer(to: request))) == Self.list(["c"], hasMore: false))
        #expect(targets(upstream) == ["/v1/files?limit=200&after=b"])
    }

    @Test func anUpstreamThatDoesNotPageIsNotAskedForEver() throws {
        let (fixture, upstream) = try fixture(Array(repeating: Self.page(["a", "x"], hasMore: true), count: 3))
        let request = fixture.request("/v1/files?limit=2", method: "GET")
        #expect(body(of: try #require(try fixture.answer(to: request))) == Self.list(["a"], hasMore: false))
        #expect(targets(upstream).count == 2)
    }

    @Test func pagesAreBounded() throws {
        let (fixture, upstream) = try fixture((0..<101).map { Self.page([$0 == 3 ? "a" : "x\($0)"], hasMore: true) })
        let request = fixture.request("/v1/files?limit=2", method: "GET")
        #expect(body(of: try #require(try fixture.answer(to: request))) == Self.list(["a"], hasMore: true))
        #expect(targets(upstream).count == ResourceListing.pageLimit)
    }

    @Test(arguments: [last("[]"), last(#"{"data":[]}"#, fields: "content-encoding: br\r\n"), last(#"{"data":["#)])
    func whatIsNoListIsNotShown(_ page: String) throws {
        let (fixture, _) = try fixture([page])
        let answer = try #require(try fixture.answer(to: fixture.request("/v1/files", method: "GET")))
        #expect(answer.hasPrefix("HTTP/1.1 502 "))
    }

    @Test func aRefusalPassesAsItIs() throws {
        let (fixture, upstream) = try fixture([last(#"{"error":1}"#, status: "400 Bad Request")])
        let answer = try #require(try fixture.answer(to: fixture.request("/v1/batches?limit=0", method: "GET")))
        #expect(answer.hasPrefix("HTTP/1.1 400 "))
        #expect(body(of: answer) == #"{"error":1}"#)
        #expect(targets(upstream) == ["/v1/batches?limit=0"])
    }
}
