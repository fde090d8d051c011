import Clocks
import Policy
import Testing

@Suite struct UsageRecordTests {
    private let start = Timestamp(seconds: 5)

    private var record: UsageRecord {
        UsageRecord(
            id: RequestID(high: 1, low: 2), keyID: "0123456789", team: "research", endpoint: "models", startedAt: start)
    }

    /// A new record is that of a request that has used and sent nothing.
    @Test func newRecordUsedNothing() {
        #expect(Unit.allCases.allSatisfy { record.units[$0] == 0 })
        #expect(record.cost.amount == 0)
        #expect(record.requestBytes == 0)
        #expect(record.responseBytes == 0)
        #expect(record.firstByteAt == nil)
        #expect(record.status == 0)
        #expect(!record.countsAsRequest)
        #expect(record.exactness == .exact)
    }

    @Test func newRecordHasTheFactsItWasMadeWith() {
        #expect(record.id == RequestID(high: 1, low: 2))
        #expect(record.keyID == "0123456789")
        #expect(record.team == "research")
        #expect(record.endpoint == "models")
        #expect(record.startedAt == start)
        #expect(record.endedAt == start)
    }

    @Test func recordsDifferWhereOneFactDoes() {
        let changes: [(inout UsageRecord) -> Void] = [
            { $0.id = RequestID(high: 1, low: 3) }, { $0.upstreamID = "" }, { $0.keyID = "" }, { $0.team = nil },
            { $0.user = "" }, { $0.tags = [""] }, { $0.endpoint = "" }, { $0.modelAsked = "" }, { $0.modelServed = "" },
            { $0.backend = "" }, { $0.status = 1 }, { $0.units.images = 1 }, { $0.exactness = .estimated },
            { $0.cost = NanoEuros(1) }, { $0.startedAt = Timestamp(seconds: 6) },
            { $0.firstByteAt = Timestamp(seconds: 6) }, { $0.endedAt = Timestamp(seconds: 6) }, { $0.requestBytes = 1 },
            { $0.responseBytes = 1 }, { $0.streamed = true }, { $0.countsAsRequest = true }, { $0.ending = .drained },
            { $0.cause = .quota }, { $0.refusedBy = LimitName("key:tokens_per_day") },
        ]
        #expect(changes.count == Mirror(reflecting: record).children.count)
        for (index, change) in changes.enumerated() {
            var other = record
            change(&other)
            #expect(other != record, "change \(index)")
        }
    }

    @Test func namesInTheLedgerStay() {
        #expect(Exactness.allCases.map(\.rawValue) == ["exact", "estimated", "interrupted"])
        #expect(
            Ending.allCases.map(\.rawValue) == [
                "complete", "refused", "caller_gone", "upstream_failed", "upstream_interrupted", "upstream_timeout",
                "drained", "gateway_died", "overrun", "idle_timeout", "key_refused", "cancelled",
            ])
    }
}
