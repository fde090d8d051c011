import Clocks
import SeededRandom
import Testing

@testable import Policy

@Suite struct KeyLimitsTests {
    private let now = Timestamp(seconds: 100)

    private func grant(_ kind: LimitKind, _ raise: LimitGrant.Raise, until second: Int64 = 101) -> LimitGrant {
        LimitGrant(kind: kind, raise: raise, until: Timestamp(seconds: second))
    }

    @Test(arguments: LimitKind.allCases)
    func theLowerLimitHolds(kind: LimitKind) {
        let tier = Tier.limited { $0[kind] = 10 }
        for (own, expected) in [(5, 5), (10, 10), (11, 10)] as [(Int64, Int64)] {
            #expect(tier.adjusted(by: KeyLimits(own: [kind: own]), at: now)[kind] == expected)
        }
        #expect(Tier.limited { _ in }.adjusted(by: KeyLimits(own: [kind: 7]), at: now)[kind] == 7)
        #expect(tier.adjusted(by: KeyLimits(), at: now) == tier)
    }

    @Test(arguments: LimitKind.allCases)
    func grantsAddUntilTheirEnd(kind: LimitKind) {
        let tier = Tier.limited { $0[kind] = 100 }
        let limits = KeyLimits(
            own: [kind: 40], grants: [grant(kind, .percent(50)), grant(kind, .amount(7), until: 103)])
        let found = [100, 101, 102, 103, 104].map { tier.adjusted(by: limits, at: Timestamp(seconds: $0))[kind] }
        #expect(found == [67, 47, 47, 40, 40])
    }

    @Test func aGrantWithoutALimitRaisesNothing() {
        let limits = KeyLimits(grants: [grant(.budgetPerDay, .amount(7))])
        #expect(Tier.limited { _ in }.adjusted(by: limits, at: now)[.budgetPerDay] == nil)
    }

    @Test func otherMembersStay() {
        var tier = Tier.example("one", models: ["a"])
        tier.weight = 7
        var expected = tier
        expected[.requestsPerDay] = 5
        #expect(tier.adjusted(by: KeyLimits(own: [.requestsPerDay: 5]), at: now) == expected)
    }

    /// Sizes of raises are those of exact arithmetic, as far as 64 bits reach.
    @Test func wildSizesSaturate() {
        var generator = SeededGenerator(seed: 3)
        let wild: [Int64] = [.min, -1, 0, 1, 99, 1 << 40, .max]
        for _ in 0..<500 {
            let limit = wild.randomElement(using: &generator)!
            let percent = wild.randomElement(using: &generator)!
            let exact = Int128(limit) * Int128(percent) / 100
            #expect(LimitGrant.Raise.percent(percent).amount(of: limit) == Int64(clamping: exact))
            let tier = Tier.limited { $0[.budgetPerDay] = limit }
            let limits = KeyLimits(grants: [
                grant(.budgetPerDay, .percent(percent)), grant(.budgetPerDay, .amount(.max)),
            ])
            #expect(tier.adjusted(by: limits, at: now)[.budgetPerDay] != nil)
        }
    }

    @Test func theNextEndIsTheFirstOneToCome() {
        let limits = KeyLimits(grants: [100, 105, 103].map { grant(.budgetPerDay, .amount(1), until: $0) })
        #expect(limits.nextEnd(after: now) == Timestamp(seconds: 103))
        #expect(limits.nextEnd(after: Timestamp(seconds: 105)) == nil)
    }
}
