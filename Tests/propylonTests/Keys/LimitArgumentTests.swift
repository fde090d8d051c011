import Clocks
import Policy
import Testing

@testable import propylon

extension KeyProblem {
    /// The member that is wrong; nil for a refusal of the store.
    fileprivate var member: String? { if case .invalid(let member, _) = self { member } else { nil } }
}

@Suite struct LimitArgumentTests {
    @Test(arguments: LimitKind.allCases)
    func everyLimitHasItsUnit(kind: LimitKind) throws {
        let argument = try LimitArgument("\(kind.rawValue)=2")
        #expect(argument.kind == kind)
        #expect(try argument.limit() == (kind.isMoney ? 2_000_000_000 : 2))
        #expect(try LimitArgument("\(kind.rawValue)=+2").raise() == .amount(kind.isMoney ? 2_000_000_000 : 2))
        #expect(try LimitArgument("\(kind.rawValue)=+50%").raise() == .percent(50))
        #expect(try LimitArgument("\(kind.rawValue)=none").limit() == nil)
        #expect(try LimitArgument("\(kind.rawValue)=none").isNone)
    }

    @Test(arguments: ["", "budget_eur_per_day", "=5", "budget_eur_per_dya=5", "none=none"])
    func aLimitIsNamed(text: String) {
        #expect { try LimitArgument(text) } throws: { ($0 as? KeyProblem)?.member == "limits" }
    }

    @Test func aMisspeltNameGetsASuggestion() {
        #expect { try LimitArgument("budget_eur_per_dya=5") } throws: {
            ($0 as? KeyProblem)?.description.hasSuffix("did you mean budget_eur_per_day?") == true
        }
    }

    @Test(arguments: ["", "0", "-1", "x", "1.5", "99999999999999999999", "+5"])
    func aValueIsAWholeNumberAboveZero(value: String) {
        #expect { try LimitArgument("requests_per_day=\(value)").limit() } throws: {
            ($0 as? KeyProblem)?.member == "limits"
        }
    }

    @Test(arguments: ["", "5", "50%", "+", "+%", "+0", "+0%", "+-5%", "+1.5%", "-5", "+1000001%"])
    func aRaiseAddsSomething(value: String) {
        #expect { try LimitArgument("budget_eur_per_day=\(value)").raise() } throws: {
            ($0 as? KeyProblem)?.member == "limits"
        }
    }

    @Test func theLastLimitOfAKindHolds() throws {
        let limits = try LimitArgument.limits(["requests_per_day=1", "tokens_per_day=none", "requests_per_day=3"])
        #expect(limits == [.requestsPerDay: 3, .tokensPerDay: nil])
    }

    @Test func grantsNeedAKeyAndARaise() throws {
        #expect(throws: (any Error).self) { try Keys.Grant.parse([]) }
        #expect(throws: (any Error).self) { try Keys.Grant.parse(["ada"]) }
        let command = try Keys.Grant.parse(["ada", "budget_eur_per_day=+50%", "tokens_per_day=+5", "--until", "week"])
        #expect(command.grants.count == 2)
        #expect(try Keys.Set.parse(["ada", "--limit", "tokens_per_day=5"]).limits == ["tokens_per_day=5"])
    }
}
