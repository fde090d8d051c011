import Testing

@testable import Policy

@Suite struct TierLimitsTests {
    private func limits(_ change: (inout Tier) -> Void) -> TierLimits { TierLimits(.limited("limited", change)) }

    @Test func tablesHaveTheLimitsOfTheTier() {
        let limits = limits { tier in
            for (number, kind) in LimitKind.allCases.enumerated() { tier[kind] = Int64(number) + 100 }
        }
        for slot in limits.rates.indices {
            #expect(limits.rates[slot] == Int64(LimitKind.rateKinds[slot].kind.place) + 100)
        }
        for slot in limits.windows.indices {
            #expect(limits.windows[slot] == Int64(LimitKind.windowKinds[slot].kind.place) + 100)
        }
        #expect(limits.concurrentRequests == Int64(LimitKind.concurrentRequests.place) + 100)
        #expect(limits.maxOutputTokens == Int64(LimitKind.maxOutputTokens.place) + 100)
    }

    @Test func aTierWithoutLimitsHasNone() {
        let limits = limits { _ in }
        #expect(limits.rates.indices.allSatisfy { limits.rates[$0] == nil })
        #expect(limits.windows.indices.allSatisfy { limits.windows[$0] == nil })
        #expect(!limits.limitsOutput)
        #expect(ScopeLimits(key: limits).largestOutput(withInput: 5) == nil)
    }

    @Test func aLimitPerMinuteThatNoClientReachesCountsAsNone() {
        let limits = limits {
            $0[.tokensPerMinute] = LimitAmounts.most + 1
            $0[.requestsPerMinute] = LimitAmounts.most
        }
        #expect(limits.rates[LimitKind.rateKinds.indices.first { LimitKind.rateKinds[$0].unit == .tokens }!] == nil)
        #expect(limits.rates[LimitKind.rateKinds.indices.first { LimitKind.rateKinds[$0].unit == .requests }!] != nil)
        #expect(!limits.limitsOutput)
    }

    @Test(arguments: LimitKind.allCases)
    func outputIsLimitedByWhatItUsesUp(kind: LimitKind) {
        #expect(limits { $0[kind] = 1000 }.limitsOutput == (kind.unit != .requests))
    }

    @Test(arguments: LimitKind.allCases)
    func largestOutputIsTheLeastLimit(kind: LimitKind) {
        let largest = ScopeLimits(key: limits { $0[kind] = 1000 }).largestOutput(withInput: 300)
        switch kind.unit {
        case .requests, .money: #expect(largest == nil)
        case .tokens: #expect(largest == 700)
        case .outputTokens: #expect(largest == 1000)
        }
    }

    @Test func limitsOfTokensAndOutputMeet() {
        let limits = limits {
            $0[.tokensPerMinute] = 1000
            $0[.outputTokensPerHour] = 800
        }
        #expect(ScopeLimits(key: limits).largestOutput(withInput: 100) == 800)
        #expect(ScopeLimits(key: limits).largestOutput(withInput: 300) == 700)
        #expect(ScopeLimits(key: limits).largestOutput(withInput: .max) == 0)
        #expect(ScopeLimits(key: limits).largestOutput(withInput: .min) == 800)
    }

    @Test func wildNumbersAreCutOff() {
        let limits = limits {
            $0[.outputTokensPerDay] = -5
            $0.outputReservation = .max
            $0.weight = -3
        }
        #expect(ScopeLimits(key: limits).largestOutput(withInput: 0) == 0)
        #expect(limits.outputReservation == LimitAmounts.most)
        #expect(limits.weight == 1)
    }
}
