import Clocks
import Loopback
import Policy
import Testing

@testable import Gateway

/// The user and the tags of a request, from its body and its headers.
@Suite(.ownThread) struct AttributeTests {
    private static let sources = [
        SessionSource(name: "metadata.user_id", use: .tag), SessionSource(name: "session-id", use: .tag),
        SessionSource(name: "x-codex-user", use: .user), SessionSource(name: "x-session", use: .tag),
    ]
    private static let session = "Session-ID: s1\r\nx-codex-user: codex\r\nx-session: s,2\r\n"

    /// The row of a request, and the request as the upstream gets it.
    private func attributed(
        _ fields: String = "", body: String = RequestPipelineTests.chat, path: String = "/v1/chat/completions",
        sources: [SessionSource] = sources
    ) throws -> (record: UsageRecord, seen: String) {
        let upstream = try ScriptedServer([[.readRequest, .send(http(RequestPipelineTests.completion)), .close]])
        let fixture = try GatewayFixture(upstream: upstream.address) { $0.sessionHeaders = sources }
        let response = try #require(try fixture.answer(to: fixture.request(path, body: body, fields: fields)))
        #expect(response.hasPrefix("HTTP/1.1 200 "))
        let record = try fixture.usage.only()
        let begun = try #require(fixture.usage.begun.takeSoon())
        #expect(begun.user == record.user && begun.tags == record.tags)
        return (record, try #require(upstream.requests.withLock { $0.first }))
    }

    @Test func configuredHeadersAreTagsAndUsers() throws {
        let (record, seen) = try attributed(Self.session + "x-propylon-tags: b, a\r\n")
        #expect(record.user == "codex")
        // A value is one tag, whatever is in it.
        #expect(record.tags == ["a", "b", "s1", "s;2"])
        for withheld in ["session-id", "x-session", "x-propylon-tags"] {
            #expect(!seen.lowercased().contains(withheld))
        }
        // The list of forwarded headers has the prefix x-codex-.
        #expect(seen.contains("x-codex-user: codex\r\n"))
    }

    @Test func theClientsOwnUserWins() throws {
        let body = #"{"model":"m","messages":[],"user":"alice"}"#
        #expect(try attributed(Self.session, body: body).record.user == "alice")
        #expect(try attributed(Self.session + "x-propylon-user: bob\r\n").record.user == "bob")
    }

    @Test func headersWithoutATextAreNone() throws {
        let (record, _) = try attributed("session-id: \r\nx-codex-user:\r\n")
        #expect(record.user == nil && record.tags == [])
        #expect(try attributed().record.tags == [])
    }

    /// The bounds of tags hold for all together: names of sessions come first.
    @Test func longSessionsAreCut() throws {
        let long = String(repeating: "x", count: 300)
        let (record, _) = try attributed("session-id: \(long)\r\nx-propylon-tags: mine\r\n")
        #expect(record.tags == [String(repeating: "x", count: 128)])
    }

    @Test func withoutConfigurationNothingIsASession() throws {
        let (record, _) = try attributed(Self.session, sources: [])
        #expect(record.user == nil && record.tags == [])
    }

    @Test func userOfAMessageIsTheUserOrATag() throws {
        let body =
            #"{"model":"m","max_tokens":5,"metadata":{"user_id":"claude"},"messages":[{"role":"user","content":"x"}]}"#
        func attributed(_ sources: [SessionSource], _ fields: String = "") throws -> UsageRecord {
            try self.attributed(fields, body: body, path: "/v1/messages", sources: sources).record
        }
        for sources in [[], [SessionSource(name: "metadata.user_id", use: .user)]] {
            let record = try attributed(sources)
            #expect(record.user == "claude" && record.tags == [])
        }
        let record = try attributed(Self.sources)
        #expect(record.user == nil && record.tags == ["claude"])
        let named = try attributed(Self.sources, "x-propylon-user: bob\r\nsession-id: s1\r\n")
        #expect(named.user == "bob" && named.tags == ["claude", "s1"])
    }

    @Test func userOfAChatIsNoSession() throws {
        let body = #"{"model":"m","messages":[],"user":"alice","metadata":{"user_id":"x"}}"#
        #expect(try attributed(body: body).record.user == "alice")
    }

    @Test func accessLogHasNoSessions() throws {
        let details = try RequestDetails.of(.chatCompletions)
        var record = try #require(details.record(Bill()))
        record.user = "session"
        record.tags = ["a", "session"]
        details.row = RequestDetails.Row(record)
        #expect(details.loggedRecord?.tags == ["a", "session"])
        details.logged = LoggedNames(user: nil, tags: ["a"])
        #expect(details.loggedRecord?.user == nil)
        #expect(details.loggedRecord?.tags == ["a"])
        #expect(details.row?.record.tags == ["a", "session"])
    }
}
