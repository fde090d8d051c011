import Clocks
import Synchronization

/// Requests that wait for room in their limits instead of being refused, where their tier's `queue` lets them.
///
/// A request is admitted in its turn (`WaitingLine`). One that came later and would fit waits behind the others of its key, and
/// behind those that wait for the same limit of the team, the account, a model or a user. Whoever frees room calls `admit`; a task that waits calls
/// it when time may have made room.
package final class AdmissionQueue: Sendable {
    private let limiter: Limiter
    private let line = Mutex(WaitingLine<WaitingRequest>())
    /// The length of the line, read without the lock at the end of each request.
    private let length = Atomic<Int>(0)

    /// The queue before `limiter`, without anybody in it.
    package init(_ limiter: Limiter) { self.limiter = limiter }

    /// True without anybody who waits. Cheap.
    package var isEmpty: Bool { count == 0 }

    /// The number of requests that wait.
    package var count: Int { length.load(ordering: .relaxed) }

    /// Joins the queue, and tries at once.
    ///
    /// - Parameters:
    ///   - tier: that of `key`.
    ///   - wake: called once, on any thread, when the request was admitted.
    /// - Returns: nil where the tier has no queue, or too many wait in it.
    package func join(
        _ request: LimitedRequest, of key: KeyRecord, _ tier: Tier, at now: LimitTime,
        wake: @escaping @Sendable () -> Void
    ) -> WaitingRequest? {
        guard let rules = tier.queue else { return nil }
        let waiting = line.withLock { line -> WaitingRequest? in
            guard line.count(inTier: tier.name) < rules.length else { return nil }
            let turn = line.nextTurn(of: key.id, weight: tier.weight)
            let waiting = WaitingRequest(request, key, turn, at: now, wait: rules.wait, wake: wake)
            line.join(waiting, at: turn, key: key.id, tier: tier.name)
            length.store(line.places.count, ordering: .relaxed)
            return waiting
        }
        admit(at: now)
        return waiting
    }

    /// Leaves the queue: the client has gone, or the wait has been too long. A reservation that was just made is given back, and who
    /// waited behind continues.
    package func leave(_ waiting: WaitingRequest, at now: LimitTime) {
        line.withLock { line in
            line.leave(waiting.turn)
            length.store(line.places.count, ordering: .relaxed)
        }
        if let reservation = waiting.take() { _ = limiter.settle(reservation, .nothing, at: now) }
        admit(at: now)
    }

    /// Admits all requests that have room, each in its turn.
    package func admit(at now: LimitTime) {
        guard !isEmpty else { return }
        var admitted: [WaitingRequest] = []
        line.withLock { line in
            var full = FullLimits()
            line.takeTurns { place in
                let waiting = place.element
                if let team = waiting.key.team, full.teams.contains(team) { return .waits }
                if !full.parts.isEmpty {
                    let parts = limiter.parts(of: waiting.request, waiting.key, at: now)
                    if parts.contains(where: { full.parts.contains($0) }) { return .waitsAlone }
                }
                do throws(LimitRefusal) {
                    waiting.hold(try limiter.admit(waiting.request, of: waiting.key, at: now))
                } catch {
                    waiting.refused(error, at: now)
                    return full.note(error, of: waiting.key)
                }
                admitted.append(waiting)
                return .goesOn
            }
            length.store(line.places.count, ordering: .relaxed)
        }
        for waiting in admitted { waiting.wake() }
    }
}

/// The limits that had no room in one round of the queue.
private struct FullLimits {
    var teams: Set<String> = []
    var parts: Set<OwnedPart> = []

    /// Notes the limit that refused a request of `key`. Returns who waits with it.
    mutating func note(_ refusal: LimitRefusal, of key: KeyRecord) -> WaitingLine<WaitingRequest>.Answer {
        if let part = refusal.part {
            parts.insert(OwnedPart(part, refusal.scope, of: key))
            return .waitsAlone
        }
        if case .team(let name) = refusal.scope { teams.insert(name) }
        // What the account has left would do for smaller requests, and they would leave never enough for this one.
        return refusal.scope == .account && !refusal.isShare ? .endsTheRound : .waits
    }
}
