import Clocks
import Policy
import Testing

@Suite struct UsageRecordTests {
    @Test func newRecordUsedNothing() {
        let start = Timestamp(seconds: 5)
        let record = UsageRecord(
            id: RequestID(high: 1, low: 2), keyID: "0123456789", team: "research", endpoint: "models", startedAt: start)
        #expect(record.units == BillableUnits())
        #expect(record.cost == .zero)
        #expect(record.exactness == .exact)
        #expect(record.startedAt == start)
        #expect(record.endedAt == start)
        #expect(record.firstByteAt == nil)
    }

    @Test func moneyAddsUpAndCompares() {
        #expect(NanoEuros(2) + NanoEuros(3) == NanoEuros(5))
        #expect(NanoEuros(-1) < .zero)
    }

    @Test func namesInTheLedgerStay() {
        #expect(Exactness.allCases.map(\.rawValue) == ["exact", "estimated", "interrupted"])
        #expect(
            Ending.allCases.map(\.rawValue) == [
                "complete", "refused", "caller_gone", "upstream_failed", "upstream_interrupted", "upstream_timeout",
                "drained", "gateway_died", "overrun",
            ])
    }
}
