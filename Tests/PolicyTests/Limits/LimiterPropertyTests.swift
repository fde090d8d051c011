import Clocks
import Foundation
import SeededRandom
import Testing

@testable import Policy

/// Random histories, compared step by step with `LimitModel`: thousands of requests with all endings, clocks that are set by up
/// to 400 days and back, windows that end, tiers that change, keys that move, restarts. Every limit of the table takes part.
///
/// No limit is overspent, no counter is negative, no settlement is lost or doubled, and no request is refused that the model
/// admits: so no step locks a key out, and none forgets usage of the present or counts usage of other times.
@Suite struct LimiterPropertyTests {
    private static let zone = TimeZone(identifier: "Europe/Paris")!

    private static let offsets: ZoneOffsets = {
        // Steps of the clock reach the changes of other years.
        var moment = Date(timeIntervalSince1970: 1_600_000_000)
        var periods = [ZoneOffsets.Period(start: 0, offset: Int64(zone.secondsFromGMT(for: moment)))]
        while let next = zone.nextDaylightSavingTimeTransition(after: moment), periods.count < 60 {
            periods.append(
                .init(start: Int64(next.timeIntervalSince1970), offset: Int64(zone.secondsFromGMT(for: next))))
            moment = next
        }
        return ZoneOffsets(periods: periods)
    }()

    @Test(arguments: 0..<120)
    func agreesWithTheModel(seed: Int) throws {
        try History(seed: UInt64(seed)).run(steps: 400)
    }

    private final class History {
        var generator: SeededGenerator
        let model: LimitModel
        var limiter: Limiter
        /// What the wall clock shows.
        var wall: Int64
        var monotonic: Int64 = 1_000_000_000
        /// From the monotonic clock to the time that limits go by: the wall clock as it was adopted.
        var offset: Int64
        var held: [(owner: Int, reservation: Held)] = []
        var batches: [(owner: Int, hold: LastingHold)] = []
        let keys = ["a", "bb", "ccc", "dddd"]
        let teamOf: [String: String] = ["a": "red", "bb": "red", "ccc": "blue"]

        /// A reservation that an array can hold.
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
            calendar.firstWeekday = 2
            // Some hours before summer time ends, before a month ends, or anywhere.
            let starts: [Int64] = [1_792_880_000, 1_793_480_000, 1_792_000_000]
            wall = starts[Int(seed % 3)] * 1_000_000
            offset = wall - monotonic
            model = LimitModel(tiers: [:], teams: [:], account: nil, calendar: calendar)
            limiter = Limiter(LimitRules(Policies(), accountTier: nil, zone: LimiterPropertyTests.offsets))
            for key in keys { model.tierOf[key] = "one" }
            reconfigure()
            limiter = Limiter(rules)
            // Its time begins at its first call.
            _ = limiter.states(of: nil, at: now)
        }

        /// The moment on both clocks, as the limiter gets it.
        var now: LimitTime { LimitTime(wall: Timestamp(microseconds: wall), monotonic: monotonic) }

        /// The moment that limits go by.
        var followed: LimitTime {
            LimitTime(wall: Timestamp(microseconds: monotonic + offset), monotonic: monotonic)
        }

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
                for kind in LimitKind.allCases where chance(35) { tier[kind] = random(Self.range(of: kind)) }
                tier.weight = Int(random(1...4))
                model.tiers[name] = tier
            }
            model.teams = chance(70) ? ["red": "team"] : [:]
            model.account = chance(70) ? "account" : nil
        }

        /// Limits that are reached within a history, and not at once.
        static func range(of kind: LimitKind) -> ClosedRange<Int64> {
            switch (kind.form, kind.unit) {
            case (.rate, .requests): 1...30
            case (.rate, _): 100...8000
            case (.window, .requests): 3...60
            case (.window, .tokens), (.window, .outputTokens): 300...9000
            case (.window, .money): 3_000_000...150_000_000
            case (.concurrent, _): 1...6
            case (.perRequest, _): 400...900
            }
        }

        func run(steps: Int) throws {
            for _ in 0..<steps {
                switch random(0...99) {
                case 0..<45: try ask()
                case 45..<70: settle()
                case 70..<74: extend()
                case 74..<76: try holdBatch()
                case 76..<78: settleBatch()
                case 78..<92: pass()
                case 92..<93: follow()
                case 93..<95: stepClock()
                case 95..<97: reload()
                case 97..<98: chance(50) ? move() : adjust()
                case 98..<99: if chance(50) { restart() }
                default: look(everything: true)
                }
                look(everything: false)
            }
            while !held.isEmpty { settle() }
            look(everything: true)
            while !batches.isEmpty { settleBatch() }
            look(everything: true)
        }

        func record(_ key: String) -> KeyRecord {
            KeyRecord(
                id: key, name: key, tier: model.tierOf[key]!, team: teamOf[key], createdAt: Timestamp(seconds: 1),
                limits: model.limitsOf[key] ?? KeyLimits(), digest: .example(UInt64(key.utf8.count)))
        }

        /// Gives a key limits of its own, or grants that end soon.
        func adjust() {
            model.advance(followed)
            let key = keys.randomElement(using: &generator)!
            var limits = KeyLimits()
            for kind in LimitKind.allCases where chance(15) { limits.own[kind] = random(Self.range(of: kind)) }
            // Buckets of a key that is silent drain at the limit of its last request.
            for kind in LimitKind.allCases where kind.form != .rate && chance(20) {
                limits.grants.append(
                    LimitGrant(
                        kind: kind,
                        raise: chance(50) ? .percent(random(1...200)) : .amount(random(Self.range(of: kind))),
                        until: Timestamp(microseconds: followed.wall.microseconds + random(0...40_000_000_000))))
            }
            model.limitsOf[key] = limits
            model.advance(followed)
            _ = limiter.rates(of: record(key), at: now)
        }

        func ask() throws {
            let key = keys.randomElement(using: &generator)!
            let input = random(0...300)
            let output = random(0...800)
            model.advance(followed)
            // What the key's new tier, if it has moved, makes of its buckets.
            let amounts = LimitAmounts(
                requests: 1, tokens: input + output, outputTokens: output, cost: input * 1800 + output * 8000)
            model.askedAt[key] = monotonic
            let hasRoom = model.admits(key, teamOf[key], amounts)
            let expected = hasRoom && model.isFair(key, amounts, at: followed)
            do throws(LimitRefusal) {
                let reservation = try limiter.admit(.chat(input, output: output), of: record(key), at: now)
                #expect(expected, "admitted, and the model refuses; it has room: \(hasRoom)")
                held.append((model.add(key, teamOf[key], amounts, at: followed), Held(reservation)))
            } catch {
                #expect(!expected, "\(error.kind) of \(error.scope) refused, and the model admits")
                checkWait(error, key, amounts)
            }
        }

        /// The wait is exact: the request does not fit a microsecond earlier, and fits then, where no usage to come is known.
        func checkWait(_ refusal: LimitRefusal, _ key: String, _ amounts: LimitAmounts, isBatch: Bool = false) {
            guard case .wait(let wait) = refusal.remedy else { return }
            // The end of a grant makes a limit lower meanwhile.
            if model.limitsOf[key]?.nextEnd(after: followed.wall) != nil { return }
            #expect(wait > 0)
            #expect(
                !admits(key, amounts, after: wait - 1, isBatch: isBatch),
                "\(refusal.kind) of \(refusal.scope), wait \(wait)")
            if model.requests.allSatisfy({ $0.wall <= followed.wall.seconds }) {
                #expect(
                    admits(key, amounts, after: wait, isBatch: isBatch),
                    "\(refusal.kind) of \(refusal.scope), wait \(wait)")
            }
        }

        /// Returns true where the model admits the request after `wait`, if nothing happens until then.
        func admits(_ key: String, _ amounts: LimitAmounts, after wait: Int64, isBatch: Bool) -> Bool {
            let (buckets, windows, askedAt, wall) = (model.buckets, model.windows, model.askedAt, model.wall)
            defer { (model.buckets, model.windows, model.askedAt, model.wall) = (buckets, windows, askedAt, wall) }
            let then = LimitTime(
                wall: Timestamp(microseconds: followed.wall.microseconds + wait), monotonic: monotonic + wait)
            model.askedAt[key] = then.monotonic
            model.advance(then)
            return model.admits(key, teamOf[key], amounts, isBatch: isBatch)
                && model.isFair(key, amounts, at: then, isBatch: isBatch)
        }

        func settle() {
            guard let index = held.indices.randomElement(using: &generator) else { return }
            let (owner, reservation) = held.remove(at: index)
            model.advance(followed)
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
            model.settle(owner, outcome, at: followed)
        }

        func extend() {
            guard let (owner, reservation) = held.randomElement(using: &generator) else { return }
            model.advance(followed)
            let tokens = random(1...500)
            let amounts = LimitAmounts(tokens: tokens, outputTokens: tokens, cost: tokens * 8000)
            let request = model.requests[owner]
            let expected = model.admits(request.key, request.team, amounts, since: request.wall)
            let isExtended = reservation.extend(limiter, by: tokens, at: now)
            #expect(isExtended == expected)
            if isExtended { model.extend(owner, by: amounts, at: followed) }
        }

        /// Creates a batch.
        func holdBatch() throws {
            let key = keys.randomElement(using: &generator)!
            var part = BatchLines.Part()
            part.lines = 1
            part.likelyInputTokens = random(0...150)
            part.mostInputTokens = part.likelyInputTokens * 2
            part.outputTokens = random(0...400)
            let lines = BatchLines(url: "/v1/chat/completions", models: ["gpt-oss:120b": part])
            let amounts = LimitAmounts(
                tokens: part.likelyInputTokens + part.outputTokens, outputTokens: part.outputTokens,
                cost: part.mostInputTokens * 900 + part.outputTokens * 4000)
            model.advance(followed)
            model.askedAt[key] = monotonic
            let expected =
                model.admits(key, teamOf[key], amounts, isBatch: true)
                && model.isFair(key, amounts, at: followed, isBatch: true)
            do throws(LimitRefusal) {
                let hold = try limiter.hold(lines, of: record(key), at: now)
                #expect(expected, "a batch is held, and the model refuses it")
                batches.append((model.addBatch(key, teamOf[key], amounts, at: followed), hold))
            } catch {
                #expect(!expected, "\(error.kind) of \(error.scope) refuses a batch, and the model holds it")
                checkWait(error, key, amounts, isBatch: true)
            }
        }

        /// Bills a batch, by less or more than was held.
        func settleBatch() {
            guard let index = batches.indices.randomElement(using: &generator) else { return }
            let (owner, hold) = batches.remove(at: index)
            model.advance(followed)
            let amounts =
                chance(20)
                ? LimitAmounts()
                : LimitAmounts(tokens: random(0...600), outputTokens: random(0...450), cost: random(0...2_000_000))
            _ = limiter.settle(hold, amounts, at: now)
            model.settleBatch(owner, amounts, at: followed)
        }

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
            let rows = model.requests.filter { !$0.isOpen }.map {
                LimitHistory.Requests(
                    startedAt: Timestamp(seconds: $0.wall), keyID: $0.key, team: $0.team, amounts: $0.used!,
                    isOfBatches: $0.isBatch)
            }
            var history = LimitHistory(of: rows, in: limiter.historySpan(at: now))
            // Buckets are compared within a process.
            history.recent = []
            return history
        }

        func move() {
            model.advance(followed)
            let key = keys.randomElement(using: &generator)!
            model.tierOf[key] = chance(50) ? "one" : "two"
            _ = limiter.rates(of: record(key), at: now)
        }

        func reload() {
            model.advance(followed)
            reconfigure()
            // What is not limited any more is not remembered.
            model.advance(followed)
            limiter.replace(rules, at: now)
        }

        /// A new process with the rows of the old one, whatever the wall clock shows. Requests in flight became rows when it died.
        func restart() {
            while let (owner, reservation) = held.popLast() {
                model.advance(followed)
                let outcome = LimitOutcome.used(.init(tokens: 10, outputTokens: 5, cost: 58_000))
                _ = limiter.settle(reservation.take(), outcome, at: now)
                model.settle(owner, outcome, at: followed)
            }
            limiter = Limiter(rules)
            offset = wall - monotonic
            model.advance(followed)
            let snapshot = KeySnapshot(keys.map(record))
            limiter.restore(history, keys: snapshot, at: now)
            // The store has the batches that are not billed.
            batches = batches.map { owner, hold in
                let batch = model.requests[owner]
                return (
                    owner, limiter.resumeHold(hold.lines, keyID: batch.key, team: batch.team, keys: snapshot, at: now)
                )
            }
            model.buckets = [:]
            model.askedAt = [:]
        }

        /// Compares all counters with the model's.
        func look(everything: Bool) {
            model.advance(followed)
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
                    switch state.kind.form {
                    case .rate:
                        let level = model.level(scope, state.kind)
                        #expect(
                            state.used + state.reserved == (level + 59_999_999) / 60_000_000, "\(scope) \(state.kind)")
                    case .window, .concurrent:
                        let sums = model.sums(scope, state.kind)
                        #expect(state.used == sums.used, "\(scope) \(state.kind)")
                        #expect(state.reserved == sums.reserved, "\(scope) \(state.kind)")
                    case .perRequest: Issue.record("a limit of one request has no state")
                    }
                }
            }
        }
    }
}
