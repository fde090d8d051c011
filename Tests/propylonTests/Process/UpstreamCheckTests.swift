import Loopback
import Settings
import Testing

@testable import propylon

/// Keys are tried with real servers.
@Suite(.ownThread) struct UpstreamCheckTests {
    private func answers(_ text: String) async throws -> [UpstreamCheck.Answer] {
        try await UpstreamCheck(try configuration(text), sandbox: nil).answers()
    }

    @Test func eachKeyOfEachUpstreamIsTried() async throws {
        let models = #"{"object":"list","data":[{"id":"a"},{"id":"b"}]}"#
        let first = try ScriptedServer([
            [
                .readRequest, .send("HTTP/1.1 200 OK\r\ncontent-length: \(models.utf8.count)\r\n\r\n\(models)"), .close,
            ],
            [.readRequest, .send("HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n"), .close],
        ])
        let second = try ScriptedServer([
            [.readRequest, .send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"), .close]
        ])
        let found = try await answers(
            """
            upstream:
              base_url: http://127.0.0.1:\(first.address.port)/llm
              api_keys: [upstream-key-one, upstream-key-two]
              fallbacks: [{ base_url: "http://127.0.0.1:\(second.address.port)" }]
            """)
        #expect(found.map(\.outcome) == [.accepted(models: 2), .refused(status: 401), .accepted(models: nil)])
        #expect(found.map(\.key) == [1, 2, nil])
        let requests = first.requests.withLock { $0 }
        #expect(requests.allSatisfy { $0.hasPrefix("GET /llm/v1/models HTTP/1.1\r\n") })
        #expect(requests.map { $0.contains("authorization: Bearer upstream-key-one\r\n") } == [true, false])
        #expect(second.requests.withLock { $0.first?.contains("authorization") } == false)
        for answer in found { #expect(!"\(answer)".contains("upstream-key")) }
        #expect("\(found[0])" == "http://127.0.0.1:\(first.address.port), key 1: works, 2 models")
        #expect("\(found[1])".hasSuffix("key 2: refused with status 401"))
    }

    @Test func anUpstreamThatIsNotThereIsNamed() async throws {
        let found = try await answers("upstream: { base_url: 'http://127.0.0.1:1', api_keys: [upstream-key-one] }")
        #expect(found.count == 1)
        #expect(found.first?.isAccepted == false)
        #expect("\(found[0])".contains("key 1: no answer: "))
    }

    @Test func theVendorNeedsAKey() throws {
        #expect(throws: StartError.self) { try UpstreamCheck(try configuration("time_zone: UTC"), sandbox: nil) }
    }
}
