import Clocks
import SeededRandom
import Testing

@testable import Policy

/// Credits, and other prices for the past.
extension RandomHistory {
    /// Gives a key an amount back, or charges one.
    func credit() {
        model.advance(followed)
        let key = keys.randomElement(using: &generator)!
        let change = random(-5_000_000...1_000_000)
        correct(UsageOwner(keyID: key, team: teamOf[key]), change, at: followed.wall, concernsAccount: false)
        model.credit(key, teamOf[key], change, at: followed)
    }

    /// Changes the cost of a request that has ended.
    func reprice() {
        model.advance(followed)
        let ended = model.requests.indices.filter { index in
            let request = model.requests[index]
            return !request.isOpen && !request.isCredit && request.wall <= followed.wall.seconds
        }
        guard let index = ended.randomElement(using: &generator) else { return }
        let request = model.requests[index]
        let change = random(-min(request.used!.cost, 2_000_000)...2_000_000)
        correct(
            UsageOwner(keyID: request.key, team: request.team, model: request.model, user: request.user), change,
            at: Timestamp(seconds: request.wall), concernsAccount: true)
        model.requests[index].used!.cost += change
    }

    func correct(_ owner: UsageOwner, _ change: Int64, at moment: Timestamp, concernsAccount: Bool) {
        corrections.append(
            CostCorrection(
                number: Int64(corrections.count + 1), at: moment, owner, change: change,
                concernsAccount: concernsAccount))
        let counted = limiter.correct([corrections.last!], keys: KeySnapshot(keys.map(record)), at: now)
        #expect(counted == 1)
    }
}
