import Clocks
import SeededRandom
import Testing

@testable import Policy

/// Time that passes, clocks that are set, and restarts.
extension RandomHistory {
    func pass() {
        let day = Int64(86_400_000_000)
        let scale = chance(50) ? Int64(1_000_000) : chance(70) ? 60_000_000 : chance(70) ? 5_000_000_000 : day
        let elapsed = random(0...scale)
        monotonic += elapsed
        wall += elapsed
    }

    /// Sets the wall clock, mostly by less than a day: so requests meet windows again. The gateway follows at once or later.
    func stepClock() {
        let day = Int64(86_400_000_000)
        let largest = chance(60) ? day / 12 : chance(60) ? 2 * day : 400 * day
        wall += random(-largest...largest)
        // Far from the present: 400 days and 400 days more must stay within the zone's known offsets.
        if abs(wall - 1_792_880_000_000_000) > 900 * day { wall = 1_792_880_000_000_000 }
        if chance(70) { follow() }
    }

    /// Reads the rows again for the time that the wall clock shows.
    func follow() {
        model.advance(followed)
        limiter.step(to: now, history, keys: KeySnapshot(keys.map(record)))
        offset = wall - monotonic
        model.advance(followed)
    }

    /// The rows that the ledger has.
    var history: LimitHistory {
        let rows = model.requests.filter { !$0.isOpen && !$0.isCredit }.map {
            LimitHistory.Requests(
                startedAt: Timestamp(seconds: $0.wall),
                UsageOwner(keyID: $0.key, team: $0.team, model: $0.model, user: $0.user), amounts: $0.used!,
                isOfBatches: $0.isBatch)
        }
        var history = LimitHistory(of: rows, in: limiter.historySpan(at: now))
        history.credits = corrections.filter { !$0.concernsAccount }
        history.lastCorrection = Int64(corrections.count)
        // Buckets are compared within a process.
        history.recent = []
        return history
    }

    /// A new process with the rows of the old one, whatever the wall clock shows. Requests in flight became rows when it died.
    func restart() {
        leaveAll()
        while let (owner, reservation) = held.popLast() {
            model.advance(followed)
            let outcome = LimitOutcome.used(.init(tokens: 10, outputTokens: 5, cost: 58_000))
            let request = model.requests[owner]
            _ = limiter.settle(reservation.take(), outcome, model: request.model, user: request.user, at: now)
            model.settle(owner, outcome, model: request.model, at: followed)
        }
        limiter = Limiter(rules)
        queue = AdmissionQueue(limiter)
        offset = wall - monotonic
        model.advance(followed)
        let snapshot = KeySnapshot(keys.map(record))
        limiter.restore(history, keys: snapshot, at: now)
        // The store has the batches that are not billed.
        batches = batches.map { owners, hold in
            let batch = model.requests[owners[0]]
            return (
                owners, limiter.resumeHold(hold.lines, keyID: batch.key, team: batch.team, keys: snapshot, at: now)
            )
        }
        model.buckets = [:]
        model.askedAt = [:]
    }
}
