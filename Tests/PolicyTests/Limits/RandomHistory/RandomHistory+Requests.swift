import Clocks
import SeededRandom
import Testing

@testable import Policy

/// Requests and their ends.
extension RandomHistory {
    func scopes(_ ask: Ask) -> [LimitModel.Ask] {
        [LimitModel.Ask(scopes: model.scopes(ask.key, teamOf[ask.key], ask.model, ask.user), amounts: ask.amounts)]
    }

    func add(_ ask: Ask, _ reservation: consuming Reservation) {
        let owner = model.add(ask.key, teamOf[ask.key], ask.model, ask.user, ask.amounts, at: followed)
        held.append((owner, Held(reservation)))
    }

    func ask() {
        let ask = Ask(
            key: keys.randomElement(using: &generator)!, model: models.randomElement(using: &generator)!,
            user: users.randomElement(using: &generator)!, input: random(0...300), output: random(0...800))
        // Nobody passes those who wait.
        if !waiting.isEmpty, waiting.count < 6 { return join(ask) }
        leaveAll()
        model.advance(followed)
        // What the key's new tier, if it has moved, makes of its buckets.
        model.askedAt[ask.key] = monotonic
        let hasRoom = model.admits(scopes(ask))
        let expected = hasRoom && model.isFair(ask.key, ask.amounts, at: followed)
        do throws(LimitRefusal) {
            let reservation = try limiter.admit(ask.request, of: record(ask.key), at: now)
            #expect(expected, "admitted, and the model refuses; it has room: \(hasRoom)")
            add(ask, reservation)
        } catch {
            #expect(!expected, "\(name(of: error)) refuses, and the model admits")
            checkWait(error, ask.key, scopes(ask))
            if chance(50) { join(ask) }
        }
    }

    /// The wait is exact: the request does not fit a microsecond earlier, and fits then, where no usage to come is known.
    func checkWait(_ refusal: LimitRefusal, _ key: String, _ asks: [LimitModel.Ask], isBatch: Bool = false) {
        guard case .wait(let wait) = refusal.remedy else { return }
        // The end of a grant makes a limit lower meanwhile.
        if model.limitsOf[key]?.nextEnd(after: followed.wall) != nil { return }
        #expect(wait > 0)
        #expect(!admits(key, asks, after: wait - 1, isBatch: isBatch), "\(name(of: refusal)), wait \(wait)")
        if model.requests.allSatisfy({ $0.wall <= followed.wall.seconds }) {
            #expect(admits(key, asks, after: wait, isBatch: isBatch), "\(name(of: refusal)), wait \(wait)")
        }
    }

    func name(of refusal: LimitRefusal) -> String { "\(refusal.kind) of \(refusal.scope) \(refusal.part as Any)" }

    /// Returns true where the model admits the request after `wait`, if nothing happens until then.
    func admits(_ key: String, _ asks: [LimitModel.Ask], after wait: Int64, isBatch: Bool) -> Bool {
        let (buckets, windows, askedAt, wall) = (model.buckets, model.windows, model.askedAt, model.wall)
        defer { (model.buckets, model.windows, model.askedAt, model.wall) = (buckets, windows, askedAt, wall) }
        let then = LimitTime(
            wall: Timestamp(microseconds: followed.wall.microseconds + wait), monotonic: monotonic + wait)
        model.askedAt[key] = then.monotonic
        model.advance(then)
        let sum = asks.reduce(LimitAmounts()) { $0 + $1.amounts }
        return model.admits(asks, isBatch: isBatch) && model.isFair(key, sum, at: then, isBatch: isBatch)
    }

    func settle() {
        guard let index = held.indices.randomElement(using: &generator) else { return }
        let (owner, reservation) = held.remove(at: index)
        model.advance(followed)
        let request = model.requests[owner]
        // Another model may answer.
        let billed = chance(10) ? models.randomElement(using: &generator)! : request.model
        let outcome: LimitOutcome
        switch random(0...9) {
        case 0...1: outcome = .nothing
        case 2:
            outcome = .used(
                .init(
                    tokens: request.held.tokens + 50, outputTokens: request.held.outputTokens + 50,
                    cost: request.held.cost + 400_000))
        default:
            let output = random(0...max(0, request.held.outputTokens))
            let input = request.held.tokens - request.held.outputTokens
            outcome = .used(.init(tokens: input + output, outputTokens: output, cost: input * 1800 + output * 8000))
        }
        _ = limiter.settle(reservation.take(), outcome, model: billed, user: request.user, at: now)
        model.settle(owner, outcome, model: billed, at: followed)
    }

    func extend() {
        guard let (owner, reservation) = held.randomElement(using: &generator) else { return }
        model.advance(followed)
        let tokens = random(1...500)
        let amounts = LimitAmounts(tokens: tokens, outputTokens: tokens, cost: tokens * 8000)
        let request = model.requests[owner]
        let ask = LimitModel.Ask(scopes: request.scopes, amounts: amounts)
        let expected = model.admits([ask], since: request.wall)
        let isExtended = reservation.extend(limiter, by: tokens, at: now)
        #expect(isExtended == expected)
        if isExtended { model.extend(owner, by: amounts, at: followed) }
    }
}
