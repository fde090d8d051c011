import OpenAIAPI
import Testing

@Suite struct APIErrorUpstreamTests {
    private static let rows = [
        ErrorRow(.upstreamUnreachable, 502, "upstream_error", "upstream_unreachable"),
        ErrorRow(.upstreamTLS, 502, "upstream_error", "upstream_tls", shouldRetry: false),
        ErrorRow(.upstreamProtocol, 502, "upstream_error", "upstream_protocol"),
        ErrorRow(.upstreamAuth, 502, "upstream_error", "upstream_auth", shouldRetry: false),
        ErrorRow(.upstreamTimeout, 504, "upstream_error", "upstream_timeout"),
        ErrorRow(.upstreamInterrupted, 502, "upstream_error", "upstream_interrupted"),
    ]

    @Test(arguments: rows) func everyErrorHasItsStatusTypeAndCode(row: ErrorRow) { row.check() }

    @Test(arguments: rows) func whoeverCannotHelpIsNotToldToRetry(row: ErrorRow) {
        #expect(row.error.message.contains("operator") == (row.shouldRetry == false))
    }
}
