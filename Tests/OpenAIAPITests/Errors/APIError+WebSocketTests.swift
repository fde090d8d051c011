import OpenAIAPI
import Testing

@Suite struct WebSocketErrorTests {
    private static let family = "invalid_request_error"

    @Test(arguments: [
        ErrorRow(.upgradeRequired, 426, family, "upgrade_required", shouldRetry: false),
        ErrorRow(.invalidHandshake("a key"), 400, family, "invalid_handshake"),
    ]) func statusAndCode(row: ErrorRow) { row.check() }

    @Test func a426NamesTheProtocolAndItsVersion() {
        #expect(
            APIError.upgradeRequired.headerFields.map { "\($0.name): \($0.value)" } == [
                "x-should-retry: false", "connection: upgrade", "upgrade: websocket", "sec-websocket-version: 13",
            ])
    }
}
