import Clocks
import SeededRandom
import Testing

@testable import Policy

/// A wait that is told is true: after it the request is admitted if nothing else happens, and not before. Where the time is
/// not known, none is told.
@Suite struct LimiterWaitsTests {
    private static let second: Int64 = 1_000_000

    /// A limiter, with the requests in flight.
    private final class Scene {
        var state: LimiterState
        private var held: [Held] = []

        /// A reservation that an array can hold.
        private final class Held {
            private var reservation: Reservation?
            init(_ reservation: consuming Reservation) { self.reservation = consume reservation }
            func take() -> Reservation { reservation.take()! }
        }

        init(_ rules: LimitRules) { state = LimiterState(rules) }

        var inFlight: Int { held.count }

        /// Admits a request and keeps it in flight. Returns the refusal, if any.
        func begin(_ key: KeyRecord, output: Int64, at now: LimitTime) -> LimitRefusal? {
            do throws(LimitRefusal) {
                held.append(Held(try state.admit(.chat(0, output: output), of: key, at: now)))
                return nil
            } catch { return error }
        }

        /// Ends the request at `index` with `outcome`.
        func end(_ index: Int, _ outcome: LimitOutcome, at now: LimitTime) {
            let reservation = held.remove(at: index).take()
            _ = state.settle(reservation, outcome, at: now)
            reservation.release()
        }

        func endAll() { while !held.isEmpty { end(0, .nothing, at: .at()) } }

        /// Returns true where the request would be admitted at `now`, if nothing happens until then.
        func wouldAdmit(_ key: KeyRecord, output: Int64, at now: LimitTime) -> Bool {
            var copy = state
            do throws(LimitRefusal) {
                let reservation = try copy.admit(.chat(0, output: output), of: key, at: now)
                reservation.release()
                return true
            } catch { return false }
        }
    }

    private let keys = ["a", "bb", "ccc", "dddd"].map { KeyRecord.of($0) }

    private func account(_ change: (inout Tier) -> Void) -> Scene {
        Scene(.of(.limited { _ in }, .limited("account", change), account: "account"))
    }

    private func use(_ scene: Scene, _ key: KeyRecord, _ tokens: Int64, at now: LimitTime) {
        #expect(scene.begin(key, output: tokens, at: now) == nil)
        scene.end(scene.inFlight - 1, .used(.init(tokens: tokens, outputTokens: tokens)), at: now)
    }

    /// The first example of the issue: "retry-after-ms: 1" again and again while another key's stream lasts.
    @Test func whileAStreamLastsTheWaitIsUnknownAndGrows() throws {
        let scene = account { $0[.concurrentRequests] = 4 }
        #expect(scene.begin(keys[1], output: 1, at: .at()) == nil)
        for _ in 0..<2 { #expect(scene.begin(keys[0], output: 1, at: .at()) == nil) }
        var now = 100 * Self.second
        var told: [Int64] = []
        for _ in 0..<7 {
            let refusal = try #require(scene.begin(keys[0], output: 1, at: .at(now)))
            guard case .unknown(let pause) = refusal.remedy else { Issue.record("\(refusal.remedy)"); return }
            #expect(refusal.isShare)
            told.append(pause / Self.second)
            now += pause
        }
        #expect(told == [1, 1, 2, 4, 8, 16, 30])
        scene.end(0, .nothing, at: .at(now))
        #expect(scene.begin(keys[0], output: 1, at: .at(now)) == nil)
        scene.endAll()
    }

    /// The second example: "Wait 60 seconds", and admitted after one. Of two keys the first that falls silent is enough.
    @Test func theNearestWayToHaveRoomIsTold() {
        let scene = account { $0[.outputTokensPerHour] = 300 }
        use(scene, keys[0], 100, at: .at())
        use(scene, keys[1], 0, at: .at(Self.second))
        use(scene, keys[2], 100, at: .at(59 * Self.second))
        let refusal = scene.begin(keys[0], output: 50, at: .at(60 * Self.second))
        #expect(refusal?.remedy == .wait(microseconds: Self.second))
    }

    /// A limit of a key is free before the share of the account is: the wait is that for both.
    @Test func aWaitForOneLimitCountsTheSharesToo() {
        let scene = Scene(
            .of(
                .limited { $0[.requestsPerMinute] = 60 }, .limited("account") { $0[.outputTokensPerHour] = 300 },
                account: "account"))
        use(scene, keys[1], 0, at: .at(30 * Self.second))
        for _ in 0..<60 { use(scene, keys[0], 2, at: .at(30 * Self.second)) }
        let now = LimitTime.at(30 * Self.second)
        #expect(scene.begin(keys[0], output: 170, at: now)?.remedy == .wait(microseconds: 60 * Self.second))
    }

    @Test func otherRequestsInFlightMakeAWaitForALimitUnknown() {
        let scene = Scene(
            .of(
                .limited {
                    $0[.requestsPerMinute] = 1
                    $0[.concurrentRequests] = 1
                }))
        #expect(scene.begin(keys[0], output: 1, at: .at()) == nil)
        let refusal = scene.begin(keys[0], output: 1, at: .at())
        #expect(refusal?.kind == .concurrentRequests)
        // Not before the minute's limit has room.
        #expect(refusal?.remedy == .unknown(pause: 60 * Self.second))
        scene.endAll()
    }

    @Test func anUnknownWaitEndsWithTheWindow() {
        let scene = Scene(.of(.limited { $0[.outputTokensPerHour] = 1 }))
        let now = LimitTime.at(3600 * Self.second - 5000)
        #expect(scene.begin(keys[0], output: 1, at: now) == nil)
        #expect(scene.begin(keys[0], output: 1, at: now)?.remedy == .unknown(pause: 5000))
        scene.endAll()
    }

    @Test func manyActiveKeysMakeAWaitForASharesRoomUnknown() {
        let scene = account { $0[.outputTokensPerHour] = 1000 }
        let many = (0..<100).map { KeyRecord.of("key\($0)") }
        use(scene, many[0], 500, at: .at())
        for key in many.dropFirst() { use(scene, key, 0, at: .at()) }
        let refusal = scene.begin(many[0], output: 100, at: .at())
        #expect(refusal?.remedy == .unknown(pause: RefusalPauses.shortest))
    }

    // MARK: Any history

    private func rules(_ generator: inout SeededGenerator) -> LimitRules {
        func tier(_ name: String, _ kinds: [LimitKind: ClosedRange<Int64>]) -> Tier {
            var tier = Tier(name: name)
            for kind in LimitKind.allCases {
                guard let range = kinds[kind], Bool.random(using: &generator) else { continue }
                tier[kind] = Int64.random(in: range, using: &generator)
            }
            tier.weight = Int.random(in: 1...4, using: &generator)
            return tier
        }
        let own: [LimitKind: ClosedRange<Int64>] = [
            .requestsPerMinute: 1...20, .outputTokensPerHour: 100...1000, .concurrentRequests: 1...5,
            .tokensPerMinute: 100...800, .budgetInTotal: 4_000_000...40_000_000,
        ]
        let shared: [LimitKind: ClosedRange<Int64>] = [
            .outputTokensPerHour: 200...2000, .outputTokensPerDay: 300...5000, .requestsPerDay: 5...60,
            .concurrentRequests: 2...8, .requestsPerMinute: 5...60,
        ]
        return .of(
            tier("one", own), tier("two", [:]), tier("account", shared),
            account: Int.random(in: 0..<5, using: &generator) == 0 ? nil : "account")
    }

    @Test(arguments: 0..<80)
    func everyWaitThatIsToldIsTrue(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        let scene = Scene(rules(&generator))
        let keys = self.keys.enumerated().map { KeyRecord.of($1.id, tier: $0 % 2 == 0 ? "one" : "two") }
        var now = Int64.random(in: 0...3500, using: &generator) * Self.second
        for _ in 0..<300 {
            let key = keys.randomElement(using: &generator)!
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<6:
                let output = Int64.random(in: 1...120, using: &generator)
                if let refusal = scene.begin(key, output: output, at: .at(now)) {
                    check(refusal, scene, key, output, now, &generator)
                }
            case 6..<8 where scene.inFlight > 0:
                let index = Int.random(in: 0..<scene.inFlight, using: &generator)
                let tokens = Int64.random(in: 0...100, using: &generator)
                scene.end(
                    index,
                    tokens < 10
                        ? .nothing : .used(.init(tokens: tokens, outputTokens: tokens, cost: tokens * 8000)),
                    at: .at(now))
            default:
                let longest: Int64 = Int.random(in: 0..<10, using: &generator) == 0 ? 3600 : 30
                now += Int64.random(in: 0...longest * Self.second, using: &generator)
            }
        }
        scene.endAll()
    }

    private func check(
        _ refusal: LimitRefusal, _ scene: Scene, _ key: KeyRecord, _ output: Int64, _ now: Int64,
        _ generator: inout SeededGenerator
    ) {
        func wouldAdmit(after wait: Int64) -> Bool { scene.wouldAdmit(key, output: output, at: .at(now + wait)) }
        switch refusal.remedy {
        case .wait(let wait):
            #expect(wait > 0)
            #expect(wouldAdmit(after: wait), "\(refusal.kind) of \(refusal.scope), after \(wait)")
            #expect(!wouldAdmit(after: wait - 1), "\(refusal.kind) of \(refusal.scope), before \(wait)")
            #expect(!wouldAdmit(after: Int64.random(in: 0..<wait, using: &generator)))
        case .unknown(let pause):
            #expect(pause > 0)
            // The pause ends where there is room in any case, and is no longer than that of the limits that are known.
            #expect(!wouldAdmit(after: pause - 1), "\(refusal.kind) of \(refusal.scope), pause \(pause)")
            #expect(scene.inFlight > 0)
        case .raiseLimit, .askForLess:
            #expect(!wouldAdmit(after: 40 * 86_400 * Self.second))
        }
    }
}
