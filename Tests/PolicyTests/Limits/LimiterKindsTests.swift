import Clocks
import Testing

@testable import Policy

/// Facts that hold for every limit of the table, so that a new one needs no test of its own here.
@Suite struct LimiterKindsTests {
    private static let windowKinds = LimitKind.windowKinds.indices.map { LimitKind.windowKinds[$0].kind }
    private static let rateKinds = LimitKind.rateKinds.indices.map { LimitKind.rateKinds[$0].kind }
    private let key = KeyRecord.of("key")

    /// The amounts that `.chat(1, output: 1)` holds.
    private let held = LimitAmounts(requests: 1, tokens: 2, outputTokens: 1, cost: 9800)

    private func used(_ limiter: Limiter, _ now: LimitTime = .at()) -> [Int64] {
        limiter.states(of: key, at: now).flatMap { [$0.used, $0.reserved] }
    }

    @Test(arguments: windowKinds + rateKinds)
    func aLimitHasRoomForExactlyItsAmount(kind: LimitKind) {
        let amount = held[kind.unit]
        let limiter = Limiter(.of(.limited { $0[kind] = 3 * amount }))
        for _ in 0..<3 { #expect(limiter.tries(.chat(1, output: 1), of: key, at: .at(), used: held)) }
        let refusal = limiter.refusal(.chat(1, output: 1), of: key, at: .at())
        #expect(refusal?.kind == kind)
        #expect(refusal?.used == 3 * amount)
        #expect(refusal?.reserved == 0)
        #expect(refusal?.limit == 3 * amount)
        #expect(refusal?.asked == amount)
    }

    @Test(arguments: windowKinds + rateKinds)
    func aFailedRequestGivesEverythingBack(kind: LimitKind) {
        let limiter = Limiter(.of(.limited { $0[kind] = held[kind.unit] }))
        for _ in 0..<5 { #expect(limiter.tries(.chat(1, output: 1), of: key, at: .at())) }
        #expect(used(limiter) == [0, 0])
    }

    @Test(arguments: windowKinds + rateKinds)
    func aRequestInFlightHoldsItsAmount(kind: LimitKind) throws {
        let amount = held[kind.unit]
        let limiter = Limiter(.of(.limited { $0[kind] = 10 * amount }))
        let reservation = try limiter.admit(.chat(1, output: 1), of: key, at: .at())
        #expect(used(limiter) == (kind.unit == .requests ? [amount, 0] : [0, amount]))
        _ = limiter.settle(reservation, .used(held), at: .at())
        #expect(used(limiter) == [amount, 0])
    }

    @Test(arguments: windowKinds)
    func theWaitEndsWithTheWindow(kind: LimitKind) throws {
        guard case .window(let window) = kind.form, window.ends else { return }
        let limiter = Limiter(.of(.limited { $0[kind] = held[kind.unit] }))
        #expect(limiter.tries(.chat(1, output: 1), of: key, at: .at(), used: held))
        let refusal = try #require(limiter.refusal(.chat(1, output: 1), of: key, at: .at()))
        let end = window.seconds(at: LimitTime.at().wall.seconds, in: .utc).upperBound
        let wait = (end - LimitTime.at().wall.seconds) * 1_000_000
        #expect(refusal.remedy == .wait(microseconds: wait))
        #expect(limiter.refusal(.chat(1, output: 1), of: key, at: .at(wait - 1)) != nil)
        #expect(limiter.refusal(.chat(1, output: 1), of: key, at: .at(wait)) == nil)
    }

    @Test(arguments: windowKinds)
    func whatDoesNotRefillHasNoWait(kind: LimitKind) {
        guard kind.form == .window(.total) else { return }
        let limiter = Limiter(.of(.limited { $0[kind] = held[kind.unit] }))
        #expect(limiter.tries(.chat(1, output: 1), of: key, at: .at(), used: held))
        let century = Int64(100 * 366) * 86_400_000_000
        for time in [0, 1, century] {
            #expect(limiter.refusal(.chat(1, output: 1), of: key, at: .at(time))?.remedy == .raiseLimit)
            #expect(used(limiter, .at(time)) == [held[kind.unit], 0])
        }
    }

    @Test(arguments: windowKinds.filter { $0.unit != .requests })
    func whileOthersHoldItTheEndOfTheWaitIsUnknown(kind: LimitKind) throws {
        let limiter = Limiter(.of(.limited { $0[kind] = held[kind.unit] }))
        let reservation = try limiter.admit(.chat(1, output: 1), of: key, at: .at())
        #expect(
            limiter.refusal(.chat(1, output: 1), of: key, at: .at())?.remedy == .unknown(pause: RefusalPauses.shortest))
        _ = limiter.settle(reservation, .nothing, at: .at())
    }

    /// Requests in flight are given back only if they fail, so a client waits for the end of the window.
    @Test(arguments: windowKinds.filter { $0.unit == .requests })
    func requestsInFlightAreUsed(kind: LimitKind) throws {
        let limiter = Limiter(.of(.limited { $0[kind] = 1 }))
        let reservation = try limiter.admit(.chat(1, output: 1), of: key, at: .at())
        let remedy = limiter.refusal(.chat(1, output: 1), of: key, at: .at())?.remedy
        guard case .wait = remedy else { Issue.record("\(String(describing: remedy))"); return }
        _ = limiter.settle(reservation, .nothing, at: .at())
    }

    @Test(arguments: windowKinds + rateKinds)
    func moreThanTheLimitIsNeverAdmitted(kind: LimitKind) {
        let limiter = Limiter(.of(.limited { $0[kind] = 0 }))
        let refusal = limiter.refusal(.chat(1, output: 1), of: key, at: .at())
        #expect(refusal?.kind == kind)
        #expect(refusal?.remedy == .askForLess)
    }

    @Test(arguments: windowKinds)
    func everyWindowGivesAlerts(kind: LimitKind) throws {
        guard case .window(let window) = kind.form else { return }
        let limiter = Limiter(.of(.limited { $0[kind] = held[kind.unit] }))
        let alerts = limiter.settle(
            try limiter.admit(.chat(1, output: 1), of: key, at: .at()), .used(held), at: .at())
        let seconds = window.ends ? window.seconds(at: LimitTime.at().wall.seconds, in: .utc) : nil
        #expect(
            alerts == [
                LimitAlert(
                    subject: "key", scope: .key, kind: kind, percent: 100, limit: held[kind.unit],
                    used: held[kind.unit], window: seconds)
            ])
    }

    @Test(arguments: windowKinds + rateKinds)
    func requestsAndTokensHaveHeaders(kind: LimitKind) {
        let limiter = Limiter(.of(.limited { $0[kind] = 1000 }))
        let rates = limiter.rates(of: key, at: .at())
        #expect((rates.requests != nil) == (kind.unit == .requests))
        #expect((rates.tokens != nil) == (kind.unit == .tokens || kind.unit == .outputTokens))
    }

    @Test(arguments: windowKinds + [.concurrentRequests])
    func theAccountIsSharedFairly(kind: LimitKind) throws {
        let amount = held[kind.unit]
        let limiter = Limiter(
            .of(.limited { _ in }, .limited("account") { $0[kind] = 10 * amount }, account: "account"))
        let keys = [KeyRecord.of("key"), KeyRecord.of("other")]
        let first = Held(try limiter.admit(.chat(1, output: 1), of: keys[1], at: .at()))
        var held: [Held] = []
        while let reservation = Held(limiter, keys[0]) { held.append(reservation) }
        #expect(held.count == 5)
        #expect(limiter.refusal(.chat(1, output: 1), of: keys[0], at: .at())?.isShare == true)
        first.end(limiter)
        for index in held.indices { held[index].end(limiter) }
    }

    /// A reservation that an array can hold.
    private final class Held {
        private var reservation: Reservation?

        init(_ reservation: consuming Reservation) { self.reservation = consume reservation }

        /// Nil where the request is refused.
        init?(_ limiter: Limiter, _ key: KeyRecord) {
            do throws(LimitRefusal) {
                reservation = try limiter.admit(.chat(1, output: 1), of: key, at: .at())
            } catch { return nil }
        }

        func end(_ limiter: Limiter) {
            if let reservation = reservation.take() { _ = limiter.settle(reservation, .nothing, at: .at()) }
        }
    }
}
