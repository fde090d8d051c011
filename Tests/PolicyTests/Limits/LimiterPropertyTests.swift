import Clocks
import Foundation
import SeededRandom
import Testing

@testable import Policy

/// Random histories, held step by step against `LimitModel`: thousands of requests with all endings, clocks that step, windows that
/// end, tiers that change, keys that move, restarts.
///
/// Never is there an overspent limit, a negative counter, a settlement lost or doubled, or a refusal that the model would admit.
@Suite struct LimiterPropertyTests {
    private static let zone = TimeZone(identifier: "Europe/Paris")!

    private static let offsets: ZoneOffsets = {
        // Summer time of 2026 ends on 25 October at 01:00 UTC.
        ZoneOffsets(periods: [.init(start: 0, offset: 7200), .init(start: 1_792_890_000, offset: 3600)])
    }()

    @Test(arguments: 0..<120)
    func agreesWithTheModel(seed: Int) throws {
        try History(seed: UInt64(seed)).run(steps: 400)
    }

    private final class History {
        var generator: SeededGenerator
        let model: LimitModel
        var limiter: Limiter
        var wall: Int64
        var monotonic: Int64 = 1_000_000_000
        var held: [(owner: Int, reservation: Held)] = []
        let keys = ["a", "bb", "ccc", "dddd"]
        let teamOf: [String: String] = ["a": "red", "bb": "red", "ccc": "blue"]

        /// A reservation that can stand in an array.
        final class Held {
            private var reservation: Reservation?
            init(_ reservation: consuming Reservation) { self.reservation = consume reservation }
            func take() -> Reservation { reservation.take()! }
            func extend(_ limiter: Limiter, by tokens: Int64, at now: LimitTime) -> Bool {
                var reservation = reservation.take()!
                let isExtended = limiter.extend(&reservation, by: tokens, at: now)
                self.reservation = consume reservation
                return isExtended
            }
        }

        init(seed: UInt64) {
            generator = SeededGenerator(seed: seed)
            var calendar = Calendar(identifier: .gregorian)
            calendar.timeZone = LimiterPropertyTests.zone
            // Some hours before summer time ends, before a month ends, or anywhere.
            let starts: [Int64] = [1_792_880_000, 1_793_480_000, 1_792_000_000]
            wall = starts[Int(seed % 3)] * 1_000_000
            model = LimitModel(tiers: [:], teams: [:], account: nil, calendar: calendar)
            limiter = Limiter(LimitRules(Policies(), accountTier: nil, zone: LimiterPropertyTests.offsets))
            for key in keys { model.tierOf[key] = "one" }
            reconfigure()
            limiter = Limiter(rules)
        }

        var now: LimitTime { LimitTime(wall: Timestamp(microseconds: wall), monotonic: monotonic) }

        var rules: LimitRules {
            LimitRules(
                Policies(tiers: TierTable(overriding: Array(model.tiers.values)), teams: model.teams),
                accountTier: model.account, zone: LimiterPropertyTests.offsets)
        }

        func random(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &generator) }
        func chance(_ percent: Int64) -> Bool { random(1...100) <= percent }

        func reconfigure() {
            for name in ["one", "two", "team", "account"] {
                var tier = Tier(name: name)
                if chance(40) { tier.requestsPerMinute = random(1...30) }
                if chance(40) { tier.tokensPerMinute = random(100...8000) }
                if chance(40) { tier.outputTokensPerHour = random(100...6000) }
                if chance(40) { tier.outputTokensPerDay = random(1000...9000) }
                if chance(30) { tier.budgetPerDay = NanoEuros(random(1_000_000...80_000_000)) }
                if chance(30) { tier.budgetPerMonth = NanoEuros(random(10_000_000...200_000_000)) }
                if chance(30) { tier.concurrentRequests = random(1...6) }
                tier.weight = Int(random(1...4))
                model.tiers[name] = tier
            }
            model.teams = chance(70) ? ["red": "team"] : [:]
            model.account = chance(70) ? "account" : nil
        }

        func run(steps: Int) throws {
            for _ in 0..<steps {
                switch random(0...99) {
                case 0..<45: try ask()
                case 45..<70: settle()
                case 70..<76: extend()
                case 76..<93: pass()
                case 93..<95: wall -= random(0...4_000_000_000)
                case 95..<97: reload()
                case 97..<98: move()
                case 98..<99: if chance(50) { restart() }
                default: look(everything: true)
                }
                look(everything: false)
            }
            while !held.isEmpty { settle() }
            look(everything: true)
        }

        func record(_ key: String) -> KeyRecord { .of(key, tier: model.tierOf[key]!, team: teamOf[key]) }

        func ask() throws {
            let key = keys.randomElement(using: &generator)!
            let input = random(0...300)
            let output = random(0...800)
            model.advance(now)
            // What the key's new tier, if it has moved, makes of its buckets.
            let amounts = LimitAmounts(tokens: input + output, outputTokens: output, cost: input * 1800 + output * 8000)
            model.askedAt[key] = monotonic
            let expected =
                model.admits(key, teamOf[key], amounts, isNew: true, at: now) && model.isFair(key, amounts, at: now)
            do throws(LimitRefusal) {
                let reservation = try limiter.admit(.chat(input, output: output), of: record(key), at: now)
                #expect(
                    expected,
                    "it was admitted, and the model refuses: \(model.admits(key, teamOf[key], amounts, isNew: true, at: now))"
                )
                held.append((model.add(key, teamOf[key], amounts, at: now), Held(reservation)))
            } catch {
                #expect(!expected, "\(error.kind) of \(error.scope) refused, and the model admits")
                checkWait(error, key, amounts)
            }
        }

        /// Whoever waits as long as is said finds the limit gone; and a microsecond before, for limits a minute, it is there.
        func checkWait(_ refusal: LimitRefusal, _ key: String, _ amounts: LimitAmounts) {
            guard case .wait(let wait) = refusal.remedy, !refusal.isShare else { return }
            #expect(wait > 0)
            if refusal.kind == .requestsPerMinute || refusal.kind == .tokensPerMinute {
                let before = LimitTime(wall: now.wall, monotonic: monotonic + wait - 1)
                let copy = model.buckets
                for scope in model.buckets.keys {
                    model.buckets[scope]!.requests.drain(at: before.monotonic, model.tier(scope)?.requestsPerMinute)
                    model.buckets[scope]!.tokens.drain(at: before.monotonic, model.tier(scope)?.tokensPerMinute)
                }
                #expect(!model.admits(key, teamOf[key], amounts, isNew: true, at: before))
                model.buckets = copy
            } else {
                let ends = [Calendar.Component.hour, .day, .month].map {
                    model.windowEnds[$0]!.upperBound * 1_000_000 - wall
                }
                #expect(ends.contains(wait))
            }
        }

        func settle() {
            guard let index = held.indices.randomElement(using: &generator) else { return }
            let (owner, reservation) = held.remove(at: index)
            model.advance(now)
            let request = model.requests[owner]
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
            _ = limiter.settle(reservation.take(), outcome, at: now)
            model.settle(owner, outcome, at: now)
        }

        func extend() {
            guard let (owner, reservation) = held.randomElement(using: &generator) else { return }
            model.advance(now)
            let tokens = random(1...500)
            let amounts = LimitAmounts(tokens: tokens, outputTokens: tokens, cost: tokens * 8000)
            let request = model.requests[owner]
            let expected = model.admits(request.key, request.team, amounts, isNew: false, at: now, since: request.wall)
            let isExtended = reservation.extend(limiter, by: tokens, at: now)
            #expect(isExtended == expected)
            guard isExtended else { return }
            let held = request.held
            model.requests[owner].held = .init(
                tokens: held.tokens + tokens, outputTokens: held.outputTokens + tokens, cost: held.cost + tokens * 8000)
            for scope in model.scopes(request.key, request.team) {
                // Of a request's charges only the last one of a request can be given back.
                if var bucket = model.buckets[scope] {
                    for index in bucket.tokens.queue.indices where bucket.tokens.queue[index].owner == owner {
                        bucket.tokens.queue[index].owner = -1
                    }
                    model.buckets[scope] = bucket
                }
                model.charge(scope, owner, requests: 0, tokens: tokens, at: now)
            }
        }

        func pass() {
            let scale = chance(50) ? Int64(1_000_000) : chance(80) ? 60_000_000 : 5_000_000_000
            let elapsed = random(0...scale)
            monotonic += elapsed
            wall += elapsed
        }

        func move() {
            model.advance(now)
            let key = keys.randomElement(using: &generator)!
            model.tierOf[key] = chance(50) ? "one" : "two"
            _ = limiter.rates(of: record(key), at: now)
        }

        func reload() {
            model.advance(now)
            reconfigure()
            // What is not limited any more is not remembered.
            model.advance(now)
            limiter.replace(rules, at: now)
        }

        /// A new process, which has the rows of the old one: those under way became rows too, when it died.
        func restart() {
            while let (owner, reservation) = held.popLast() {
                model.advance(now)
                let outcome = LimitOutcome.used(.init(tokens: 10, outputTokens: 5, cost: 58_000))
                _ = limiter.settle(reservation.take(), outcome, at: now)
                model.settle(owner, outcome, at: now)
            }
            limiter = Limiter(rules)
            // The wall clock is right again: else the windows of the old process are not those of the new one.
            wall = max(wall, model.windowEnds.values.map { $0.lowerBound * 1_000_000 }.max()!)
            model.advance(now)
            let span = limiter.historySpan(at: now)
            func uses(_ start: Timestamp) -> [LimitHistory.Use] {
                model.requests.filter { $0.wall >= start.seconds }.map {
                    LimitHistory.Use(keyID: $0.key, team: $0.team, amounts: $0.used!)
                }
            }
            limiter.restore(
                LimitHistory(hour: uses(span.hour), day: uses(span.day), month: uses(span.month)),
                keys: KeySnapshot(keys.map(record)), at: now)
            model.buckets = [:]
            model.askedAt = [:]
        }

        /// Holds all counters against the model's.
        func look(everything: Bool) {
            model.advance(now)
            for key in everything ? keys : [keys.randomElement(using: &generator)!] {
                let record = record(key)
                for state in limiter.states(of: record, at: now) {
                    let scope =
                        switch state.scope {
                        case .key: "key " + key
                        case .team(let name): "team " + name
                        case .account: "account"
                        }
                    #expect(state.used >= 0)
                    #expect(state.reserved >= 0)
                    switch state.kind {
                    case .requestsPerMinute, .tokensPerMinute:
                        let bucket = model.buckets[scope]
                        let level =
                            (state.kind == .requestsPerMinute ? bucket?.requests.level : bucket?.tokens.level) ?? 0
                        #expect(
                            state.used + state.reserved == (level + 59_999_999) / 60_000_000, "\(scope) \(state.kind)")
                    case .concurrentRequests: #expect(state.used == model.inFlight(scope))
                    default:
                        let component = model.component(state.kind)!
                        let sums = model.sums(scope, component) { state.kind.isMoney ? $0.cost : $0.outputTokens }
                        #expect(state.used == sums.used, "\(scope) \(state.kind)")
                        #expect(state.reserved == sums.reserved, "\(scope) \(state.kind)")
                    }
                }
            }
        }
    }
}
