import Testing

@testable import HTTP1

@Suite struct ServerConnectionStateTests {
    /// A state, the events that lead to it, and what each event does there: `event: action > request, response`, or `=` where
    /// neither changes.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let head: String
        let path: [ServerConnectionEvent]
        let rows: String

        var testDescription: String { name }
    }

    private static let plain = "GET / HTTP/1.1\r\nhost: a\r\n\r\n"
    private static let withBody = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\n"
    private static let expecting = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\nexpect: 100-continue\r\n\r\n"

    func printTable() throws {
        let cases: [(String, String, [ServerConnectionEvent])] = [
            ("idle", Self.plain, []), ("head", Self.plain, [.headBytes]), ("due", Self.plain, [.head]),
            ("body", Self.withBody, [.head]), ("continue", Self.expecting, [.head]), ("failed", Self.plain, [.fail]),
            ("sized", Self.plain, [.head, .start]), ("complete", Self.plain, [.head, .start, .write, .write, .finish]),
            ("early", Self.expecting, [.head, .start]), ("aborted", Self.plain, [.head, .abort]),
            ("switched", Self.plain, [.head, .switchProtocols]), ("closed", Self.plain, [.head, .end]),
            ("draining idle", Self.plain, [.drain]), ("draining head", Self.plain, [.headBytes, .drain]),
            ("draining complete", Self.plain, [.head, .start, .write, .write, .finish, .drain]),
            ("draining due", Self.plain, [.head, .drain]),
        ]
        for (name, head, path) in cases {
            print("CASE \(name)")
            for event in ServerConnectionEvent.allCases {
                var state = ServerConnectionState()
                let parsed = try requestHead(head)
                for step in path { _ = state.perform(step, head: parsed) }
                let before = state.text
                let action = state.perform(event, head: parsed)
                print("ROW \(event): \(action) > \(state.text == before ? "=" : state.text)")
            }
        }
    }
}
