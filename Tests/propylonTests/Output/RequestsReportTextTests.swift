import Admin
import Gateway
import Testing

@testable import propylon

@Suite struct RequestsReportTextTests {
    private static let id = "019e0a5d-ac96-7123-8456-0123456789ab"

    @Test func aGatewayAtRestSaysSo() {
        #expect(RequestsReport(requests: []).text == "No request is in flight.\n")
    }

    @Test func requestsAreRows() {
        var streaming = RequestsReport.Request(
            id: Self.id, state: .streaming, startedAt: "2026-11-27T10:00:00Z", ageSeconds: 75.9)
        streaming.key = "abcdefghjk"
        streaming.keyName = "alice"
        streaming.user = "bob"
        streaming.model = "gpt-oss:120b"
        streaming.endpoint = "chat/completions"
        streaming.promptTokens = 100
        streaming.completionTokens = 250
        streaming.tokensPerSecond = 4.5
        let reading = RequestsReport.Request(
            id: Self.id, state: .reading, startedAt: "2026-11-27T10:00:00Z", ageSeconds: 0)
        let lines = RequestsReport(requests: [streaming, reading]).text.split(separator: "\n").map {
            $0.split(separator: " ").map(String.init)
        }
        #expect(lines[0] == ["ID", "KEY", "USER", "MODEL", "ENDPOINT", "STATE", "AGE", "TOKENS", "TOKENS/S"])
        #expect(
            lines[1] == [
                "0123456789ab", "alice", "bob", "gpt-oss:120b", "chat/completions", "streaming", "1m15s", "250", "4.5",
            ])
        #expect(lines[2] == ["0123456789ab", "-", "-", "-", "-", "reading", "0s", "0", "-"])
        #expect(lines.count == 3)
    }

    /// The numbers are another program's.
    @Test(arguments: [-1.5, 1e300, -1e300, .infinity, .nan]) func impossibleAgesAreShown(age: Double) {
        let request = RequestsReport.Request(id: "", state: .sent, startedAt: "", ageSeconds: age)
        #expect(RequestsReport(requests: [request]).text.contains("sent"))
    }

    @Test(
        arguments: [
            (0, "0s"), (59, "59s"), (60, "1m00s"), (3599, "59m59s"), (3600, "1h00m"), (86_399, "23h59m"),
            (86_400, "1d00h"), (1_000_000, "11d13h"), (-5, "-5s"), (.max, "106751991167300d15h"),
            (.min, "\(Int64.min)s"),
        ] as [(Int64, String)])
    func agesHaveTwoUnits(seconds: Int64, text: String) { #expect(TimeText.age(seconds) == text) }
}
