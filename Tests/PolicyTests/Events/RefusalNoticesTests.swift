import Clocks
import Testing

@testable import Policy

@Suite struct RefusalNoticesTests {
    /// An object, since `#expect` cannot change a value.
    private final class Notices {
        private var notices = RefusalNotices()

        func isNew(_ refusal: LimitRefusal, of key: String, in window: Range<Int64>?, at now: Timestamp) -> Bool {
            notices.isNew(refusal, of: key, in: window, at: now)
        }
    }

    private func refusal(
        _ kind: LimitKind = .tokensPerDay, _ scope: LimitScope = .key, _ part: LimitPart? = nil
    ) -> LimitRefusal {
        LimitRefusal(
            scope: scope, part: part, kind: kind, limit: 1, used: 0, reserved: 0, asked: 2, remedy: .raiseLimit)
    }

    private func at(_ seconds: Int64) -> Timestamp { Timestamp(seconds: seconds) }

    @Test func aWindowKeyAndLimitAreReportedOnce() {
        let notices = Notices()
        #expect(notices.isNew(refusal(), of: "a", in: 0..<100, at: at(10)))
        #expect(!notices.isNew(refusal(), of: "a", in: 0..<100, at: at(99)))
        #expect(notices.isNew(refusal(), of: "a", in: 100..<200, at: at(100)))
        #expect(notices.isNew(refusal(), of: "b", in: 100..<200, at: at(100)))
        #expect(notices.isNew(refusal(.budgetPerDay), of: "a", in: 100..<200, at: at(100)))
        #expect(notices.isNew(refusal(.tokensPerDay, .team("t")), of: "a", in: 100..<200, at: at(100)))
        #expect(notices.isNew(refusal(.tokensPerDay, .key, .user("u")), of: "a", in: 100..<200, at: at(100)))
        #expect(notices.isNew(refusal(.tokensPerDay, .key, .user("v")), of: "a", in: 100..<200, at: at(100)))
    }

    @Test func aLimitWithoutAWindowIsReportedOnceAnHour() {
        let notices = Notices()
        #expect(notices.isNew(refusal(.requestsPerMinute), of: "a", in: nil, at: at(0)))
        #expect(!notices.isNew(refusal(.requestsPerMinute), of: "a", in: nil, at: at(RefusalNotices.pause - 1)))
        #expect(notices.isNew(refusal(.requestsPerMinute), of: "a", in: nil, at: at(RefusalNotices.pause)))
    }

    /// Users are clients' words: as many as they like.
    @Test func memoryIsBounded() {
        let notices = Notices()
        for number in 0..<RefusalNotices.capacity {
            #expect(notices.isNew(refusal(.tokensPerDay, .key, .user("\(number)")), of: "a", in: 0..<100, at: at(0)))
        }
        // The full table is forgotten, and reports again.
        #expect(notices.isNew(refusal(), of: "a", in: 0..<100, at: at(0)))
        #expect(notices.isNew(refusal(.tokensPerDay, .key, .user("0")), of: "a", in: 0..<100, at: at(0)))
        #expect(!notices.isNew(refusal(), of: "a", in: 0..<100, at: at(0)))
    }

    @Test(arguments: [Int64.min, 0, .max]) func noTimeTraps(second: Int64) {
        let notices = Notices()
        #expect(notices.isNew(refusal(), of: "a", in: nil, at: Timestamp(microseconds: second)))
    }
}
