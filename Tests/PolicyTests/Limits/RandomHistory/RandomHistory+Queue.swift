import Clocks
import SeededRandom
import Testing

@testable import Policy

/// Requests that wait for room.
extension RandomHistory {
    func join(_ ask: Ask) {
        let record = record(ask.key)
        let tier = model.tiers[record.tier]!
        guard let place = queue.join(ask.request, of: record, tier, at: now, wake: {}) else {
            #expect(tier.queue == nil)
            return
        }
        waiting.append(Waiting(ask: ask, place: place))
        noteTurns()
    }

    /// A client leaves the queue.
    func leave() {
        guard let index = waiting.indices.randomElement(using: &generator) else { return }
        queue.leave(waiting.remove(at: index).place, at: now)
        noteTurns()
    }

    func leaveAll() { while !waiting.isEmpty { leave() } }

    /// Admits those who have room.
    func takeTurns() {
        queue.admit(at: now)
        noteTurns()
    }

    /// Compares a round of the queue with the model: who was admitted fits in its turn, and who waits does not, or waits behind
    /// one that does not.
    func noteTurns() {
        model.advance(followed)
        var still: [Waiting] = []
        var full: [(key: String, scopes: Set<String>)] = []
        for waiting in waiting.sorted(by: { $0.place.turn < $1.place.turn }) {
            let ask = waiting.ask
            let fits = model.admits(scopes(ask))
            if let reservation = waiting.place.take() {
                #expect(fits, "admitted in its turn, and the model refuses")
                model.askedAt[ask.key] = monotonic
                add(ask, reservation)
            } else {
                let scopes = Set(scopes(ask)[0].scopes)
                let isBehind = full.contains { other in
                    // A full part holds up its own requests, other limits those of the key too.
                    !scopes.isDisjoint(with: other.scopes)
                        || other.key == ask.key && other.scopes.contains { !$0.contains("|") }
                }
                #expect(
                    !fits || isBehind,
                    "\(ask) waits, and the model admits: \(limiter.refusal(ask.request, of: record(ask.key), at: now) as Any)"
                )
                full.append((ask.key, scopes.filter { !model.admits([.init(scopes: [$0], amounts: ask.amounts)]) }))
                still.append(waiting)
            }
        }
        waiting = still
        #expect(queue.count == waiting.count)
    }
}
