import Bytes
import Clocks
import ManualTime
import Policy
import Settings
import Store
import Synchronization
import Testing

@testable import propylon

/// The clocks of the system, with a wall clock that a test sets.
final class SettableClock: TimeSource {
    private let offset = Atomic<Int64>(0)
    var monotonic: MonotonicTime { .now }
    var now: Timestamp { SystemTime().now + .microseconds(offset.load(ordering: .relaxed)) }

    /// Sets the wall clock forward by `days`; back where they are negative.
    func set(days: Int64) { offset.store(days * 86_400_000_000, ordering: .relaxed) }
}

@Suite struct ClockWatchTests {
    private let source = ManualTime.inNovember()
    private let time: FollowedTime
    private let log = LogRecorder()
    private let limiter: Limiter
    private let failure = FailingHistory()
    private let key = KeyRecord(
        id: "abcdefghjk", name: "ada", tier: "small", team: nil, createdAt: Timestamp(seconds: 1),
        digest: KeyDigest(1, 2, 3, 4))

    /// A ledger without rows, which a test makes fail.
    private final class FailingHistory: Sendable {
        let error = Mutex<LedgerError?>(nil)
        let isHeld = Atomic<Bool>(false)
        let reads = Atomic<Int>(0)

        func read(_ span: LimitHistory.Span) throws(LedgerError) -> LimitHistory? {
            if let error = error.withLock({ $0 }) { throw error }
            reads.add(1, ordering: .relaxed)
            return isHeld.load(ordering: .relaxed) ? nil : LimitHistory()
        }
    }

    private struct Keys: KeyDirectory {
        let keys: KeySnapshot
        func latestKeys() async throws(StoreUnavailable) -> KeySnapshot { keys }
    }

    init() throws {
        time = FollowedTime(source)
        limiter = Limiter(
            LimitRules(try configuration("time_zone: UTC\ntiers: { small: { requests_per_day: 1 } }\n"), at: time.now))
    }

    private var watch: ClockWatch {
        ClockWatch(time, limiter, keys: Keys(keys: KeySnapshot([key])), log: log.logger) {
            [failure] span throws(LedgerError) in try failure.read(span)
        }
    }

    private func use() throws { try limiter.use(LimitAmounts(), of: key, at: time.limitTime) }

    private var used: Int64? { limiter.states(of: key, at: time.limitTime).first?.used }

    @Test func timePassesWithoutASecondClock() {
        let watch = watch
        source.advance(by: .seconds(86_400))
        watch.look()
        #expect(time.now == source.now)
        #expect(log.messages.isEmpty)
    }

    @Test(arguments: [3600, -3600, 40 * 86_400, -400 * 86_400] as [Int64])
    func aStepIsFollowedAndLoggedOnceWithItsSize(seconds: Int64) {
        let watch = watch
        let before = time.now
        source.setWall(before + .seconds(seconds))
        #expect(time.now == before)
        for _ in 0..<3 { watch.look() }
        #expect(time.now == source.now)
        #expect(log.messages.count == 1)
        #expect(log.messages[0].hasPrefix("warning the wall clock was set"))
        #expect(log.messages[0].hasSuffix("step=\(Duration.seconds(seconds))"))
        #expect(failure.reads.load(ordering: .relaxed) == 1)
    }

    @Test func limitsFollowTheClockWithTheRows() throws {
        let watch = watch
        try use()
        source.setWall(source.now + .seconds(40 * 86_400))
        #expect(used == 1)
        watch.look()
        #expect(used == 0)
        try use()
        source.advance(by: .seconds(-40 * 86_400))
        watch.look()
        // The rows say what was used: this ledger has none.
        #expect(used == 0)
    }

    @Test func aLedgerThatCannotBeReadIsToldOnceAndTriedAgain() throws {
        let watch = watch
        try use()
        failure.error.withLock { $0 = .busy(path: "/data/ledger.db") }
        source.setWall(source.now + .seconds(40 * 86_400))
        for _ in 0..<3 { watch.look() }
        #expect(used == 1)
        #expect(log.messages.count == 1)
        #expect(log.messages[0].hasPrefix("error the wall clock was set"))
        failure.error.withLock { $0 = nil }
        failure.isHeld.store(true, ordering: .relaxed)
        watch.look()
        #expect(log.messages.count == 1)
        failure.isHeld.store(false, ordering: .relaxed)
        watch.look()
        #expect(used == 0)
        #expect(log.messages.count == 2)
        #expect(time.now == source.now)
    }
}
