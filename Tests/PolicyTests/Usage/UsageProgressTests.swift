import Clocks
import Policy
import Testing

@Suite struct UsageProgressTests {
    @Test func progressOfARecordHasItsFacts() {
        var record = UsageRecord(
            id: RequestID(high: 1, low: 2), keyID: "0123456789", team: nil, endpoint: "chat/completions",
            startedAt: Timestamp(seconds: 5))
        record.status = 201
        record.units.outputTokens = 3
        record.cost = NanoEuros(4)
        record.firstByteAt = Timestamp(seconds: 6)
        record.requestBytes = 7
        record.responseBytes = 8
        record.streamed = true
        record.countsAsRequest = true
        let progress = UsageProgress(record)
        #expect(progress.status == 201)
        #expect(progress.units == record.units)
        #expect(progress.cost == NanoEuros(4))
        #expect(progress.firstByteAt == Timestamp(seconds: 6))
        #expect(progress.requestBytes == 7)
        #expect(progress.responseBytes == 8)
        #expect(progress.streamed)
        #expect(progress.countsAsRequest)
    }

    @Test func progressIsNotHeldUnlessItSaysSo() {
        let progress = UsageProgress(
            status: 200, units: BillableUnits(), cost: .zero, firstByteAt: nil, requestBytes: 0, responseBytes: 0,
            streamed: false)
        #expect(!progress.countsAsRequest)
    }
}
