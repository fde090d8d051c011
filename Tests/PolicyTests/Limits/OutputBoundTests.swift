import Testing

@testable import Policy

@Suite struct OutputBoundTests {
    private func bound(
        _ output: LimitedRequest.Output, input: Int64 = 10, _ tiers: ((inout Tier) -> Void)...
    ) -> OutputBound {
        var units = BillableUnits()
        units.inputTokens = input
        let request = LimitedRequest(kind: .tokens, model: "m", units: units, output: output)
        let limits = tiers.map { TierLimits(.limited("limited", $0)) }
        var scopes = ScopeLimits(key: limits[0])
        for further in limits.dropFirst() { scopes.add(further) }
        return OutputBound(request, scopes)
    }

    private func expect(
        _ bound: OutputBound, reserved: Int64, written: Int64?, isOpen: Bool,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(bound.reserved == reserved, sourceLocation: sourceLocation)
        #expect(bound.written == written, sourceLocation: sourceLocation)
        #expect(bound.isOpen == isOpen, sourceLocation: sourceLocation)
    }

    @Test func noOutputReservesNothing() {
        expect(bound(.none, { $0[.outputTokensPerDay] = 5 }), reserved: 0, written: nil, isOpen: false)
    }

    @Test func aBoundTimesItsChoicesIsReserved() {
        expect(bound(.bounded(perChoice: 100, choices: 3), { _ in }), reserved: 300, written: nil, isOpen: false)
    }

    @Test func withoutLimitsOfOutputNothingIsWritten() {
        expect(
            bound(.unbounded(choices: 1, canBeBounded: true)) {
                $0[.requestsPerMinute] = 5
                $0[.concurrentRequests] = 5
            }, reserved: 0, written: nil, isOpen: false)
    }

    @Test(arguments: [
        LimitKind.tokensPerMinute, .outputTokensPerHour, .outputTokensPerDay, .budgetPerDay, .budgetPerMonth,
    ])
    func withoutABoundTheReservationIsOpen(kind: LimitKind) {
        expect(
            bound(.unbounded(choices: 2, canBeBounded: true)) {
                $0[kind] = 1_000_000
                $0.outputReservation = 300
            }, reserved: 600, written: nil, isOpen: true)
    }

    @Test func anOpenReservationIsNotLargerThanTheLeastLimit() {
        expect(
            bound(
                .unbounded(choices: 1, canBeBounded: true), { $0[.outputTokensPerHour] = 1000 },
                { $0[.outputTokensPerDay] = 700 }), reserved: 700, written: nil, isOpen: true)
    }

    @Test func theInputIsTakenOffLimitsOfTokens() {
        expect(
            bound(.unbounded(choices: 1, canBeBounded: true), input: 400) { $0[.tokensPerMinute] = 1000 },
            reserved: 600, written: nil, isOpen: true)
    }

    @Test func anInputBeyondTheLimitReservesOne() {
        expect(
            bound(.unbounded(choices: 1, canBeBounded: true), input: 4000) { $0[.tokensPerMinute] = 1000 },
            reserved: 1, written: nil, isOpen: true)
    }

    @Test func theTiersBoundIsSharedByTheChoices() {
        expect(
            bound(.unbounded(choices: 3, canBeBounded: true)) { $0[.maxOutputTokens] = 400 }, reserved: 399,
            written: 133, isOpen: false)
    }

    @Test func theLeastBoundOfAllScopesIsWritten() {
        expect(
            bound(
                .unbounded(choices: 1, canBeBounded: true), { $0[.maxOutputTokens] = 400 },
                { $0[.maxOutputTokens] = 300 }, { $0[.outputTokensPerHour] = 200 }), reserved: 200, written: 200,
            isOpen: false)
    }

    @Test func aBoundThatCannotBeWrittenLeavesTheReservationOpen() {
        expect(
            bound(.unbounded(choices: 1, canBeBounded: false)) { $0[.maxOutputTokens] = 400 }, reserved: 400,
            written: nil, isOpen: true)
    }

    @Test(arguments: [Int64.min, -1, 0, Int64.max])
    func wildNumbersOfClientsDoNotTrap(number: Int64) {
        for other in [Int64.min, -1, 0, 1, Int64.max] {
            let bounded = bound(.bounded(perChoice: number, choices: other), { $0[.budgetPerDay] = .max })
            #expect((0...LimitAmounts.most).contains(bounded.reserved))
            let unbounded = bound(
                .unbounded(choices: number, canBeBounded: true), input: other, { $0[.maxOutputTokens] = 100 })
            #expect((0...LimitAmounts.most).contains(unbounded.reserved))
        }
    }
}
