import Clocks
import Foundation
import SeededRandom
import Testing

@testable import Policy

/// A random history of a limiter, and of the model that it has to agree with.
final class RandomHistory {
    static let zone = TimeZone(identifier: "Europe/Paris")!

    static let offsets: ZoneOffsets = {
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
        calendar.timeZone = Self.zone
        calendar.firstWeekday = 2
        // Some hours before summer time ends, before a month ends, or anywhere.
        let starts: [Int64] = [1_792_880_000, 1_793_480_000, 1_792_000_000]
        wall = starts[Int(seed % 3)] * 1_000_000
        offset = wall - monotonic
        model = LimitModel(tiers: [:], teams: [:], account: nil, calendar: calendar)
        limiter = Limiter(LimitRules(Policies(), accountTier: nil, zone: Self.offsets))
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
            accountTier: model.account, zone: Self.offsets)
    }

    func random(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &generator) }
    func chance(_ percent: Int64) -> Bool { random(1...100) <= percent }

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
}
