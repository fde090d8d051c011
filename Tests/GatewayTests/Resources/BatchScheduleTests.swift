import Clocks
import Policy
import Testing

@testable import Gateway

@Suite struct BatchScheduleTests {
    private let start = MonotonicTime(nanoseconds: 1_000_000_000_000)
    private let box = Box()

    /// A schedule that tests change within an expectation.
    private final class Box { var schedule = BatchSchedule() }

    private var schedule: BatchSchedule {
        get { box.schedule }
        nonmutating set { box.schedule = newValue }
    }

    private static func batch(_ id: String) -> OwnedResource {
        OwnedResource(id: id, kind: .batch, keyID: "k", team: nil, createdAt: Timestamp(seconds: 0))
    }

    private func at(_ seconds: Int) -> MonotonicTime { start + .seconds(seconds) }

    /// The batches that are looked at, with the results that `look` gives.
    private func looked(at now: MonotonicTime, _ look: BatchSchedule.Look = .open) -> [String] {
        guard schedule.begin(at: now) else { return [] }
        var ids: [String] = []
        while let entry = schedule.next(at: now) {
            ids.append(entry.batch.id)
            schedule.note(look, of: entry.batch.id, at: now)
        }
        return ids
    }

    @Test func pausesGrowFromTenSecondsToFiveMinutes() {
        schedule.add(Self.batch("a"), at: start) { nil }
        var looks: [Int] = []
        for second in 0...2000 where !looked(at: at(second)).isEmpty { looks.append(second) }
        #expect(looks == [10, 20, 40, 80, 160, 320, 620, 920, 1220, 1520, 1820])
    }

    @Test func theOneThatIsDueFirstComesFirst() {
        for (second, id) in [(2, "c"), (1, "b"), (0, "a"), (50, "d")] {
            schedule.add(Self.batch(id), at: at(second)) { nil }
        }
        #expect(looked(at: at(20)) == ["a", "b", "c"])
        #expect(looked(at: at(20)).isEmpty)
    }

    @Test func oneLooksAtATime() {
        for id in ["a", "b"] { schedule.add(Self.batch(id), at: start) { nil } }
        let isFirst = schedule.begin(at: at(10))
        let isSecond = schedule.begin(at: at(10))
        #expect(isFirst && !isSecond)
        #expect(schedule.isLooking)
        while let entry = schedule.next(at: at(10)) { schedule.note(.billed, of: entry.batch.id, at: at(10)) }
        #expect(!schedule.isLooking)
        #expect(schedule["a"] == nil && schedule["b"] == nil)
    }

    @Test func aKnownBatchKeepsItsHold() throws {
        let limiter = Limiter(
            LimitRules(Policies(), accountTier: nil, zone: ZoneOffsets(periods: [.init(start: 0, offset: 0)])))
        func hold() -> LastingHold {
            limiter.resumeHold(
                BatchLines(url: nil, models: [:]), keyID: "k", team: nil, keys: .empty,
                at: LimitTime(wall: Timestamp(seconds: 0), monotonic: 0))
        }
        let first = hold()
        var made = 0
        for _ in 0..<3 {
            let entry = schedule.add(Self.batch("a"), at: start) {
                made += 1
                return first
            }
            #expect(entry.hold === first)
        }
        #expect(made == 1)
    }

    /// A client that sees the end makes the batch due; one that asks again and again does not shorten the pause after a failure.
    @Test func anEndIsNoticedAtOnce() {
        schedule.add(Self.batch("a"), at: start) { nil }
        schedule.hasten("a", at: at(1))
        schedule.hasten("unknown", at: at(1))
        #expect(looked(at: at(1), .failed) == ["a"])
        schedule.hasten("a", at: at(2))
        #expect(looked(at: at(2)).isEmpty)
        #expect(looked(at: at(11), .missing) == ["a"])
        schedule.hasten("a", at: at(12))
        #expect(looked(at: at(12)).isEmpty)
        #expect(looked(at: at(31), .open) == ["a"])
        schedule.hasten("a", at: at(32))
        #expect(looked(at: at(32)) == ["a"])
    }

    @Test func missesAreCountedInARow() {
        schedule.add(Self.batch("a"), at: start) { nil }
        for (look, misses) in [(BatchSchedule.Look.missing, 1), (.missing, 2), (.open, 0), (.missing, 1), (.failed, 0)]
        {
            schedule.note(look, of: "a", at: start)
            #expect(schedule["a"]?.misses == misses)
            #expect(schedule["a"]?.hasFailed == (look == .failed))
        }
        for _ in 0..<100 { schedule.note(.missing, of: "a", at: start) }
        #expect(schedule["a"]?.misses == BatchSchedule.mostMisses)
    }

    @Test func theStoreIsDueEveryFiveMinutes() {
        #expect(!schedule.isStoreDue(at: at(10_000)))
        schedule.readStore(at: start)
        let isEarly = schedule.begin(at: at(299))
        let isDue = schedule.begin(at: at(300))
        #expect(!isEarly && isDue)
        schedule.readStore(at: at(300))
        let entry = schedule.next(at: at(300))
        #expect(entry == nil)
        #expect(!schedule.isLooking)
    }
}
