import Clocks
import Policy
import Testing

@testable import Store

@Suite struct RowQueueTests {
    private let start = MonotonicTime(nanoseconds: 5_000_000_000)
    private let pace = LedgerWriter.Pace()

    @Test func theFirstRowStartsADelayedDrain() {
        var queue = RowQueue(pace)
        #expect(queue.add(row(1), at: start) == .delayed)
        #expect(queue.add(row(2), at: start) == .none)
        #expect(queue.pending == 2)
    }

    @Test func aFullGroupStartsADrainAtOnceAndOnce() {
        var pace = pace
        pace.group = 3
        var queue = RowQueue(pace)
        let schedules = (0..<5).map { queue.add(row($0), at: start) }
        #expect(schedules == [.delayed, .none, .immediate, .none, .none])
    }

    @Test func aDrainTakesAllRowsInTheirOrder() {
        var queue = RowQueue(pace)
        for number in 0..<3 { _ = queue.add(row(number), at: start) }
        var batch: [PendingRow] = []
        queue.move(to: &batch)
        #expect(batch.map(\.slot) == [0, 1, 2])
        #expect(queue.pending == 3)
        #expect(queue.add(row(3), at: start) == .delayed)
        queue.move(to: &batch)
        #expect(batch.map(\.slot) == [0, 1, 2, 3])
    }

    @Test func committedRowsAreNoLongerPending() {
        var queue = RowQueue(pace)
        for number in 0..<5 { _ = queue.add(row(number), at: start) }
        var batch: [PendingRow] = []
        queue.move(to: &batch)
        queue.commit(batch[0..<2])
        #expect(queue.committed == 2)
        #expect(queue.pending == 3)
        queue.commit(batch[2..<5])
        #expect(queue.committed == 5)
        #expect(queue.pending == 0)
    }

    @Test func theLagIsTheAgeOfTheOldestRow() {
        var queue = RowQueue(pace)
        #expect(queue.lag(at: start) == .zero)
        _ = queue.add(row(1), at: start)
        _ = queue.add(row(2), at: start + .seconds(2))
        #expect(queue.lag(at: start + .seconds(3)) == .seconds(3))
        var batch: [PendingRow] = []
        queue.move(to: &batch)
        _ = queue.add(row(3), at: start + .seconds(4))
        #expect(queue.lag(at: start + .seconds(5)) == .seconds(5))
        queue.commit(batch[...])
        #expect(queue.lag(at: start + .seconds(6)) == .seconds(2))
    }

    @Test func aRefusalIsTroubleAfterTheTimeout() {
        var pace = pace
        pace.timeout = .seconds(5)
        var queue = RowQueue(pace)
        let error = LedgerError.diskFull(path: "/data")
        #expect(queue.refuse(error, at: start) == true)
        #expect(queue.trouble(at: start + .milliseconds(4999)) == nil)
        #expect(queue.trouble(at: start + .seconds(5)) == error.description)
        // A later refusal does not start the time anew, and its cause replaces the earlier one.
        queue.retry()
        #expect(queue.refuse(.busy(path: "/data"), at: start + .seconds(4)) == true)
        #expect(queue.trouble(at: start + .seconds(5)) == LedgerError.busy(path: "/data").description)
        queue.commit([])
        #expect(queue.trouble(at: start + .seconds(60)) == nil)
    }

    @Test func oneRetryAtATime() {
        var queue = RowQueue(pace)
        #expect(queue.refuse(.diskFull(path: "/data"), at: start) == true)
        #expect(queue.refuse(.diskFull(path: "/data"), at: start) == false)
        #expect(queue.add(row(1), at: start) == .none)
        queue.retry()
        #expect(queue.add(row(2), at: start) == .delayed)
        #expect(queue.refuse(.diskFull(path: "/data"), at: start) == true)
    }

    @Test func aClosedQueueSchedulesNoRetry() {
        var queue = RowQueue(pace)
        queue.close()
        #expect(queue.refuse(.diskFull(path: "/data"), at: start) == false)
    }

    @Test func rowsInMemoryAloneAreBounded() {
        var pace = pace
        pace.overflow = 2
        var queue = RowQueue(pace)
        for _ in 0..<3 { _ = queue.add(PendingRow(record: row(0).record, slot: nil), at: start) }
        _ = queue.add(row(7), at: start)
        #expect(queue.dropped == 1)
        #expect(queue.pending == 3)
        var batch: [PendingRow] = []
        queue.move(to: &batch)
        queue.commit(batch[...])
        _ = queue.add(PendingRow(record: row(0).record, slot: nil), at: start)
        #expect(queue.dropped == 1)
    }

    private func row(_ number: Int) -> PendingRow {
        PendingRow(
            record: UsageRecord(
                id: RequestID(high: 1, low: UInt64(number)), keyID: "k", team: nil, endpoint: "e",
                startedAt: Timestamp(seconds: 1)),
            slot: number)
    }
}
