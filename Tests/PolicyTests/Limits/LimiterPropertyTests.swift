import Clocks
import Foundation
import SeededRandom
import Testing

@testable import Policy

/// Random histories, compared step by step with `LimitModel`: thousands of requests with all endings, clocks that are set by up
/// to 400 days and back, windows that end, tiers that change, keys that move, restarts, batches that nobody bills, grants, credits,
/// other prices, and a queue. Every limit of the table takes part, for keys, teams, the account, models and users.
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

    @Test(arguments: 0..<72)
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
        /// Batches, each with the lines of one model or of several.
        var batches: [(owners: [Int], hold: LastingHold)] = []
        var queue: AdmissionQueue
        var waiting: [Waiting] = []
        var corrections: [CostCorrection] = []
        let keys = ["a", "bb", "ccc", "dddd"]
        let models = ["gpt-oss:120b", "alpha", "beta", "gamma*", "delta-7"]
        let users = ["", "ada", "bob", "(other)"]
        /// True where teams and the account have parts too, and are always there. Usage from before a reload is in no new part.
        let hasSharedParts: Bool
        /// True where tiers have queues. Who has the next turn is told without shares, which depend on every try.
        let hasQueue: Bool
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

        /// A request, with what the model asks for it.
        struct Ask {
            let key: String
            let model: String
            let user: String
            let input: Int64
            let output: Int64

            var amounts: LimitAmounts {
                LimitAmounts(
                    requests: 1, tokens: input + output, outputTokens: output, cost: input * 1800 + output * 8000)
            }

            var request: LimitedRequest {
                var request = LimitedRequest.chat(input, output: output)
                request.model = model
                request.user = user
                return request
            }
        }

        /// A request in the queue.
        struct Waiting {
            let ask: Ask
            let place: WaitingRequest
        }

        init(seed: UInt64) {
            hasSharedParts = seed % 2 == 1
            hasQueue = seed % 3 == 1
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
            queue = AdmissionQueue(limiter)
            for key in keys { model.tierOf[key] = "one" }
            reconfigure()
            limiter = Limiter(rules)
            queue = AdmissionQueue(limiter)
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
                if name == "account", hasQueue {
                    for kind in LimitKind.allCases where kind.form != .rate { tier[kind] = nil }
                }
                if hasQueue { tier.queue = Tier.Queue() }
                // The same parts at any time, so that a reload or a move to another tier adds none.
                if hasSharedParts || name == "one" || name == "two" {
                    for entry in ["gpt-oss:120b", "*a"] { tier.perModel[entry] = part(30) }
                    tier.perUser = part(100)
                }
                model.tiers[name] = tier
            }
            model.teams = hasSharedParts || chance(70) ? ["red": "team"] : [:]
            model.account = hasSharedParts || chance(70) ? "account" : nil
        }

        /// Limits of a part. Users who use nothing of their limits are forgotten, so these have one of every kind.
        func part(_ percent: Int64) -> [LimitKind: Int64] {
            var limits: [LimitKind: Int64] = [:]
            for kind in LimitKind.allCases where chance(percent) {
                let range = Self.range(of: kind)
                limits[kind] = random(range) + (percent == 100 ? range.upperBound : 0)
            }
            return limits
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
                case 0..<45: ask()
                case 45..<70: settle()
                case 70..<74: extend()
                case 74..<76: try holdBatch()
                case 76..<78: settleBatch()
                case 78..<92: pass()
                case 92..<93: follow()
                case 93..<94: stepClock()
                case 94..<95: chance(50) ? credit() : reprice()
                case 95..<97: chance(30) ? leave() : reload()
                case 97..<98: chance(50) ? move() : adjust()
                case 98..<99: if chance(50) { restart() }
                default: look(everything: true)
                }
                takeTurns()
                look(everything: false)
            }
            leaveAll()
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
            // They wait with the limits that the key had.
            leaveAll()
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

        // MARK: The queue

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

        func move() {
            leaveAll()
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

        /// Compares all counters with the model's.
        func look(everything: Bool) {
            model.advance(followed)
            for key in everything ? keys : [keys.randomElement(using: &generator)!] {
                let record = record(key)
                var last: (scope: String, requests: [LimitModel.Request])?
                for state in limiter.states(of: record, at: now) {
                    let owner =
                        switch state.scope {
                        case .key: "key " + key
                        case .team(let name): "team " + name
                        case .account: "account"
                        }
                    let scope =
                        switch state.part {
                        case nil: owner
                        case .model(let entry): "model \(entry)|\(owner)"
                        case .user(let user): "user \(user)|\(owner)"
                        }
                    // Credits may exceed what was used.
                    #expect(state.used >= 0 || state.kind.isMoney && state.part == nil)
                    #expect(state.reserved >= 0)
                    switch state.kind.form {
                    case .rate:
                        let level = model.level(scope, state.kind)
                        #expect(
                            state.used + state.reserved == (level + 59_999_999) / 60_000_000, "\(scope) \(state.kind)")
                    case .window, .concurrent:
                        // States come scope by scope.
                        if last?.scope != scope { last = (scope, model.requests(of: scope)) }
                        let sums = model.sums(state.kind, of: last?.requests ?? [])
                        #expect(state.used == sums.used, "\(scope) \(state.kind)")
                        #expect(state.reserved == sums.reserved, "\(scope) \(state.kind)")
                    case .perRequest: Issue.record("a limit of one request has no state")
                    }
                }
            }
        }
    }
}
