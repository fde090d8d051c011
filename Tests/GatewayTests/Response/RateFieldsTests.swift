import Clocks
import Testing

@testable import Gateway
@testable import Policy

@Suite struct RateFieldsTests {
    private let now = Timestamp(seconds: 1_000_000)

    @Test(
        arguments: [
            (0, "1000000"), (1, "1000001"), (1_000_000, "1000001"), (1_000_001, "1000002"), (59_999_999, "1000060"),
        ] as [(Int64, String)])
    func unixTimesAreRoundedUp(microseconds: Int64, text: String) {
        #expect(ResetFormat.unix.text(microseconds, at: now) == text)
    }

    @Test(
        arguments: [
            (0, "0s"), (1, "1ms"), (999_000, "999ms"), (999_001, "1s"), (1_000_001, "2s"), (59_000_000, "59s"),
            (60_000_000, "1m0s"), (3_599_000_000, "59m59s"), (3_600_000_000, "1h0m0s"), (90_061_000_000, "25h1m1s"),
        ] as [(Int64, String)])
    func durationsAreRoundedUp(microseconds: Int64, text: String) {
        #expect(ResetFormat.duration.text(microseconds, at: now) == text)
    }

    @Test(arguments: [ResetFormat.unix, .duration]) func wildNumbersDoNoHarm(format: ResetFormat) {
        for microseconds: Int64 in [.max, .max - 1, .max / 2] {
            #expect(!format.text(microseconds, at: Timestamp(microseconds: .max)).isEmpty)
        }
    }

    @Test func onlyLimitsThatThereAreHaveFields() {
        var rates = RateLimits()
        #expect(rates.fields(.unix, at: now).isEmpty)
        rates.requests = .init(limit: 20, remaining: 3, reset: 5_000_000)
        let fields = rates.fields(.unix, at: now)
        #expect(
            fields.map { "\($0.name)" } == [
                "x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests",
            ])
        #expect(fields.map(\.value) == ["20", "3", "1000005"])
        rates.tokens = .init(limit: 9, remaining: 0, reset: 0)
        #expect(rates.fields(.duration, at: now).map(\.value) == ["20", "3", "5s", "9", "0", "0s"])
    }
}
