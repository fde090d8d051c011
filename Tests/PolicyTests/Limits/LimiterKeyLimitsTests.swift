import Clocks
import Testing

@testable import Policy

/// Limits of one key's own, and grants, in the limiter.
@Suite struct LimiterKeyLimitsTests {
    private let used = LimitAmounts(tokens: 60, outputTokens: 60, cost: 60 * 8000)

    private func key(_ limits: KeyLimits, tier: String = "limited") -> KeyRecord {
        KeyRecord(
            id: "key", name: "key", tier: tier, createdAt: Timestamp(seconds: 1), limits: limits, digest: .example(1))
    }

    private func grant(_ kind: LimitKind, _ raise: LimitGrant.Raise, until microseconds: Int64) -> LimitGrant {
        LimitGrant(kind: kind, raise: raise, until: LimitTime.at(microseconds).wall)
    }

    private func tries(_ limiter: Limiter, _ key: KeyRecord, at microseconds: Int64 = 0) -> Bool {
        limiter.tries(.chat(0, output: 60), of: key, at: .at(microseconds), used: used)
    }

    /// The example of the issue: a grant lifts a refusal, and is gone at its end.
    @Test func aGrantLiftsARefusalUntilItsEnd() {
        let limiter = Limiter(.of(.limited { $0[.outputTokensPerDay] = 100 }))
        let before = key(KeyLimits())
        #expect(tries(limiter, before))
        #expect(!tries(limiter, before))
        let raised = key(KeyLimits(grants: [grant(.outputTokensPerDay, .percent(80), until: 5)]))
        #expect(limiter.states(of: raised, at: .at(1)).map(\.limit) == [180])
        #expect(tries(limiter, raised, at: 2))
        #expect(limiter.states(of: raised, at: .at(4)).map(\.limit) == [180])
        #expect(limiter.states(of: raised, at: .at(5)).map(\.limit) == [100])
        #expect(limiter.states(of: raised, at: .at(5)).map(\.used) == [120])
        #expect(!tries(limiter, raised, at: 5))
    }

    @Test(arguments: LimitKind.allCases)
    func aLimitOfTheKeysOwnHolds(kind: LimitKind) {
        let limiter = Limiter(.of(.limited { _ in }))
        let limited = key(KeyLimits(own: [kind: kind == .maxOutputTokens ? 59 : 0]))
        let refusal = limiter.refusal(.chat(0, output: 60), of: limited, at: .at())
        #expect(refusal?.kind == kind)
        #expect(refusal?.scope == .key)
        #expect(tries(limiter, key(KeyLimits())))
    }

    @Test func otherKeysOfTheTierKeepTheirs() {
        let limiter = Limiter(.of(.limited { $0[.outputTokensPerDay] = 100 }))
        #expect(limiter.states(of: key(KeyLimits(own: [.outputTokensPerDay: 5])), at: .at()).map(\.limit) == [5])
        #expect(limiter.states(of: .of("other"), at: .at()).map(\.limit) == [100])
    }

    @Test func aReloadKeepsThem() {
        let limiter = Limiter(.of(.limited { $0[.outputTokensPerDay] = 100 }))
        let raised = key(
            KeyLimits(own: [.requestsPerDay: 3], grants: [grant(.outputTokensPerDay, .amount(9), until: 50)]))
        #expect(limiter.states(of: raised, at: .at()).map(\.limit) == [3, 109])
        limiter.replace(.of(.limited { $0[.outputTokensPerDay] = 200 }), at: .at(1))
        #expect(limiter.states(of: raised, at: .at(2)).map(\.limit) == [3, 209])
        limiter.replace(.of(.limited("another") { _ in }), at: .at(3))
        #expect(limiter.states(of: raised, at: .at(4)).isEmpty)
    }

    @Test func aRestartKnowsThem() {
        let limiter = Limiter(.of(.limited { _ in }))
        let limited = key(KeyLimits(own: [.budgetInTotal: 1000]))
        let use = LimitHistory.Use(UsageOwner(keyID: "key", team: nil), amounts: LimitAmounts(requests: 1, cost: 900))
        limiter.restore(LimitHistory(uses: [.total: [use]]), keys: KeySnapshot([limited]), at: .at())
        // The alert for 80 % is of the process before.
        #expect(limiter.charge(LimitAmounts(cost: 1), to: limited, at: .at()).isEmpty)
        #expect(limiter.states(of: limited, at: .at()).map(\.used) == [901])
    }
}
