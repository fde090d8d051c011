import Clocks
import SeededRandom
import Testing

@testable import Policy

@Suite struct SpeedMeasureTests {
    /// A whole stream: 250 ms to the first byte, then 100 tokens in 1.98 s, which are 50 a second after the first.
    private var stream: UsageRecord {
        let start = Timestamp(seconds: 1_790_000_000)
        var record = UsageRecord(
            id: RequestID(high: 1, low: 2), keyID: "k", team: nil, endpoint: "chat/completions", startedAt: start)
        record.status = 200
        record.streamed = true
        record.units.outputTokens = 100
        record.firstByteAt = start + .milliseconds(250)
        record.endedAt = start + .milliseconds(2230)
        return record
    }

    private func values(_ record: UsageRecord) -> [Int64?] { SpeedMeasure.allCases.map { $0.value(of: record) } }

    @Test func aWholeStreamHasAllMeasures() { #expect(values(stream) == [250, 500, 2230]) }

    @Test func whatIsNoStreamHasItsDurationAlone() {
        var record = stream
        record.streamed = false
        #expect(values(record) == [nil, nil, 2230])
    }

    @Test(arguments: [0, 101, 199, 300, 404, 429, 499, 502]) func onlySuccessesAreMeasured(status: Int) {
        var record = stream
        record.status = status
        #expect(values(record) == [nil, nil, nil])
    }

    @Test(arguments: Ending.allCases) func onlyWholeResponsesAreMeasured(ending: Ending) {
        var record = stream
        record.ending = ending
        #expect(values(record) == (ending == .complete ? [250, 500, 2230] : [nil, nil, nil]))
    }

    @Test func theGatewaysOwnResponsesAreNotMeasured() {
        var record = stream
        record.firstByteAt = nil
        #expect(values(record) == [nil, nil, nil])
    }

    @Test(arguments: [Exactness.estimated, .interrupted]) func countedTokensGiveNoRate(exactness: Exactness) {
        var record = stream
        record.exactness = exactness
        #expect(values(record) == [250, nil, 2230])
    }

    @Test func oneTokenAndOneMomentGiveNoRate() {
        var record = stream
        record.units.outputTokens = 1
        #expect(values(record) == [250, nil, 2230])
        record = stream
        record.endedAt = stream.startedAt + .microseconds(250_999)
        #expect(values(record) == [250, nil, 250])
    }

    /// Clocks and upstreams may say anything: no value is negative, and nothing traps.
    @Test func noNumbersTrap() {
        var generator = SeededGenerator(seed: 51)
        for _ in 0..<10_000 {
            func number() -> Int64 {
                let any = Int64(bitPattern: generator.next() >> UInt64.random(in: 0...63, using: &generator))
                return [.min, .max, 0, 1, -1, any].randomElement(using: &generator) ?? 0
            }
            var record = stream
            record.startedAt = Timestamp(microseconds: number())
            record.firstByteAt = Timestamp(microseconds: number())
            record.endedAt = Timestamp(microseconds: number())
            record.units.outputTokens = number()
            let isNegative = values(record).contains { $0 ?? 0 < 0 }
            #expect(!isNegative)
        }
    }
}
