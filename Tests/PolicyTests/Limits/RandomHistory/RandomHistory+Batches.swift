import Clocks
import SeededRandom
import Testing

@testable import Policy

/// Batches, which nobody may bill for long.
extension RandomHistory {
    /// Creates a batch of one model or two.
    func holdBatch() throws {
        let key = keys.randomElement(using: &generator)!
        var lines = BatchLines(url: "/v1/chat/completions", models: [:])
        var asks: [LimitModel.Ask] = []
        let names = models.shuffled(using: &generator).prefix(Int(random(1...2)))
        for name in names {
            var part = BatchLines.Part()
            part.lines = 1
            part.likelyInputTokens = random(0...150)
            part.mostInputTokens = part.likelyInputTokens * 2
            part.outputTokens = random(0...400)
            lines.models[name] = part
            let amounts = LimitAmounts(
                tokens: part.likelyInputTokens + part.outputTokens, outputTokens: part.outputTokens,
                cost: part.mostInputTokens * 900 + part.outputTokens * 4000)
            asks.append(LimitModel.Ask(scopes: model.scopes(key, teamOf[key], name, ""), amounts: amounts))
        }
        model.advance(followed)
        model.askedAt[key] = monotonic
        let sum = asks.reduce(LimitAmounts()) { $0 + $1.amounts }
        let expected =
            model.admits(asks, isBatch: true) && model.isFair(key, sum, at: followed, isBatch: true)
        do throws(LimitRefusal) {
            let hold = try limiter.hold(lines, of: record(key), at: now)
            #expect(expected, "a batch is held, and the model refuses it")
            let owners = zip(names, asks).map { model.addBatch(key, teamOf[key], $0, $1.amounts, at: followed) }
            batches.append((owners, hold))
        } catch {
            #expect(!expected, "\(name(of: error)) refuses a batch, and the model holds it")
            checkWait(error, key, asks, isBatch: true)
        }
    }

    /// Bills a batch, by less or more than was held.
    func settleBatch() {
        guard let index = batches.indices.randomElement(using: &generator) else { return }
        let (owners, hold) = batches.remove(at: index)
        model.advance(followed)
        let used = owners.map { owner in
            ModelAmounts(
                model: model.requests[owner].model,
                amounts: chance(20)
                    ? LimitAmounts()
                    : LimitAmounts(
                        tokens: random(0...600), outputTokens: random(0...450), cost: random(0...2_000_000)))
        }
        _ = limiter.settle(hold, used, at: now)
        for (owner, used) in zip(owners, used) { model.settleBatch(owner, used.amounts, at: followed) }
    }
}
