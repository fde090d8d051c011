import Testing

@testable import Settings

@Suite struct ConfigurationTelemetryTests {
    @Test func everyMemberIsRead() throws {
        let telemetry = try load(
            """
            telemetry:
              endpoint: https://otlp.example.com/otlp/
              headers: { Authorization: "Bearer a b", x-scope-orgid: "1" }
              traces: false
              metrics: true
              sample: 0.25
            """
        ).0.telemetry
        #expect(telemetry.endpoint?.text == "https://otlp.example.com/otlp")
        #expect(telemetry.headers == ["authorization": Secret("Bearer a b"), "x-scope-orgid": Secret("1")])
        #expect(!telemetry.traces)
        #expect(telemetry.metrics)
        #expect(telemetry.sample == 250_000)
    }

    @Test(arguments: ["telemetry: {}", "telemetry: { endpoint: null }", "telemetry: { endpoint: \"${A:-}\" }"])
    func withoutAnEndpointNothingIsSent(text: String) throws { #expect(try load(text).0.telemetry.endpoint == nil) }

    @Test(arguments: [("0", 0), ("1", 1_000_000), ("1.0", 1_000_000), ("0.000001", 1)])
    func sharesAreExact(text: String, millionths: Int64) throws {
        #expect(try load("telemetry: { sample: \(text) }").0.telemetry.sample == millionths)
    }

    @Test(arguments: [
        ("endpoint: collector:4318", "endpoint"), ("endpoint: ftp://a", "endpoint"),
        ("endpoint: http://a:4318/v1/traces", "endpoint"), ("endpoint: http://a/x/v1/metrics/", "endpoint"),
        ("endpoint: http://u:p@a", "endpoint"), ("sample: 1.000001", "sample"), ("sample: -0.1", "sample"),
        ("sample: 50%", "sample"), ("traces: yes", "traces"), ("headers: { content-type: a }", "headers.content-type"),
        ("headers: { Host: a }", "headers.Host"), ("headers: { \"a b\": c }", "headers.a b"),
        ("headers: { \"\": c }", "headers."), ("headers: { a: \"é\" }", "headers.a"),
        ("headers: { a: \"b\\nc: d\" }", "headers.a"), ("headers: { a: \" b\" }", "headers.a"),
        ("headers: { a: b, A: c }", "headers.A"),
    ])
    func wrongValuesAreErrors(member: String, path: String) {
        #expect(issues("telemetry: { \(member) }").map(\.path) == ["telemetry.\(path)"])
    }

    /// A wrong endpoint may hold a password.
    @Test func noErrorRepeatsASecret() {
        let text = "telemetry: { endpoint: \"http://u:swordfish@a\", headers: { a: \"swordfish\\n\" } }"
        let messages = issues(text).map { "\($0)" }
        #expect(messages.count == 2)
        #expect(!messages.joined().contains("swordfish"))
    }
}
