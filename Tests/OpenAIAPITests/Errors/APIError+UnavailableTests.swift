import OpenAIAPI
import Testing

@Suite struct APIErrorUnavailableTests {
    private static let type = "service_unavailable_error"
    private static let rows = [
        ErrorRow(.overloaded, 503, type, "overloaded"),
        ErrorRow(.upstreamConnectionsExhausted, 503, type, "overloaded"), ErrorRow(.draining, 503, type, "draining"),
        ErrorRow(.storeUnavailable, 503, type, "store_unavailable"),
    ]

    @Test(arguments: rows) func everyErrorHasItsStatusTypeAndCode(row: ErrorRow) { row.check() }

    @Test(arguments: rows) func clientsAreToldToComeBackWithinSeconds(row: ErrorRow) {
        #expect((1...5).contains(row.error.retryAfterSeconds ?? 0))
        #expect(row.error.headerFields.map(\.name.description) == ["retry-after"])
    }
}
