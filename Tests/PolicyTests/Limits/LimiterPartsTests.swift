import Clocks
import Testing

@testable import Policy

/// Limits for models and for users, as parts of keys, teams and the account.
@Suite struct LimiterPartsTests {
    /// The kinds that one request uses up.
    private static let kinds = LimitKind.allCases.filter { $0.form != .concurrent && $0.form != .perRequest }
    private static let hour: Int64 = 3_600_000_000
    private let key = KeyRecord.of("key")
    private let used = LimitAmounts(requests: 1, tokens: 2, outputTokens: 1, cost: 9800)

    private func request(_ model: String = "m", user: String = "", output: Int64? = 1) -> LimitedRequest {
        var request = LimitedRequest.chat(1, output: output)
        request.model = model
        request.user = user
        return request
    }

    private func tries(
        _ limiter: Limiter, _ model: String = "m", user: String = "", of key: KeyRecord? = nil,
        at microseconds: Int64 = 0
    ) -> Bool {
        limiter.tries(request(model, user: user), of: key ?? self.key, at: .at(microseconds), used: used)
    }

    private func limiter(_ change: (inout Tier) -> Void) -> Limiter { Limiter(.of(.limited("limited", change))) }

    /// The used amounts by part, of limits of the key.
    private func use(_ limiter: Limiter, at microseconds: Int64 = 0) -> [LimitPart?: Int64] {
        Dictionary(
            limiter.states(of: key, at: .at(microseconds)).map { ($0.part, $0.used + $0.reserved) },
            uniquingKeysWith: max)
    }

    // MARK: Admission

    @Test(arguments: kinds) func aModelHasALimitOfEveryKind(kind: LimitKind) {
        let limiter = limiter { $0.perModel["m"] = [kind: used[kind.unit]] }
        #expect(tries(limiter))
        #expect(!tries(limiter))
        #expect(tries(limiter, "n"))
        let refusal = limiter.refusal(request(), of: key, at: .at())
        #expect(refusal?.scope == .key)
        #expect(refusal?.part == .model("m"))
        #expect(refusal?.kind == kind)
    }

    @Test(arguments: kinds) func eachUserHasALimitOfEveryKind(kind: LimitKind) {
        let limiter = limiter { $0.perUser = [kind: used[kind.unit]] }
        for user in ["ada", "bob"] {
            #expect(tries(limiter, user: user))
            #expect(!tries(limiter, "n", user: user))
        }
        #expect(limiter.refusal(request(user: "bob"), of: key, at: .at())?.part == .user("bob"))
    }

    /// Requests that name no user are those of one user.
    @Test func requestsWithoutAUserShareOneLimit() {
        let limiter = limiter { $0.perUser = [.requestsPerDay: 1] }
        #expect(tries(limiter))
        #expect(limiter.refusal(request("n"), of: key, at: .at())?.part == .user(""))
        #expect(tries(limiter, user: "ada"))
    }

    @Test func requestsAtOneTimeAndOfOneRequestAreLimitedToo() throws {
        let limiter = limiter {
            $0.perModel["m"] = [.maxOutputTokens: 5]
            $0.perUser = [.concurrentRequests: 1]
        }
        let large = limiter.refusal(request(output: 6), of: key, at: .at())
        #expect(large?.remedy == .askForLess)
        #expect(large?.part == .model("m"))
        let open = try limiter.admit(request(user: "ada", output: nil), of: key, at: .at())
        #expect(open.writtenBound == 5)
        #expect(limiter.refusal(request("n", user: "ada"), of: key, at: .at())?.kind == .concurrentRequests)
        #expect(tries(limiter, "n", user: "bob"))
        _ = limiter.settle(open, .nothing, at: .at())
        #expect(tries(limiter, "n", user: "ada"))
    }

    @Test func oneEntryHoldsForAModel() {
        let limits = PartLimits(
            .limited {
                for name in ["gpt-oss:120b", "gpt-oss:*", "gpt*", "*"] { $0.perModel[name] = [.requestsPerDay: 1] }
            })
        let found = ["gpt-oss:120b", "gpt-oss:20b", "gpt-4o", "qwen", "", "gpt-oss:*"].map {
            limits?.entry(for: $0)?.name
        }
        #expect(found == ["gpt-oss:120b", "gpt-oss:*", "gpt*", "*", "*", "gpt-oss:*"])
        #expect(PartLimits(.limited { _ in }) == nil)
    }

    @Test func theModelsOfAPatternShareItsLimit() {
        let limiter = limiter { $0.perModel["m*"] = [.requestsPerDay: 2] }
        #expect(tries(limiter, "m1"))
        #expect(tries(limiter, "m2"))
        #expect(!tries(limiter, "m3"))
    }

    @Test func keysHavePartsOfTheirOwn() {
        let limiter = limiter { $0.perModel["m"] = [.requestsPerDay: 1] }
        #expect(tries(limiter))
        #expect(tries(limiter, of: .of("other")))
    }

    @Test func teamsAndTheAccountHaveParts() {
        let limiter = Limiter(
            .of(
                .limited { _ in }, .limited("team") { $0.perUser = [.requestsPerDay: 1] },
                .limited("account") { $0.perModel["m"] = [.requestsPerDay: 2] }, teams: ["red": "team"],
                account: "account"))
        let keys = ["a", "bb", "ccc"].map { KeyRecord.of($0, team: "red") }
        #expect(tries(limiter, user: "ada", of: keys[0]))
        let ofTeam = limiter.refusal(request("n", user: "ada"), of: keys[1], at: .at())
        #expect(ofTeam?.scope == .team("red"))
        #expect(ofTeam?.part == .user("ada"))
        #expect(tries(limiter, user: "bob", of: keys[1]))
        let ofAccount = limiter.refusal(request(), of: keys[2], at: .at())
        #expect(ofAccount?.scope == .account)
        #expect(ofAccount?.part == .model("m"))
        let states = limiter.states(of: keys[2], at: .at())
        #expect(states.map(\.part) == [.user(""), .user("ada"), .user("bob"), .model("m")])
        #expect(states.map(\.scope) == [.team("red"), .team("red"), .team("red"), .account])
    }

    /// Programs pace themselves by the tightest limit of theirs; all share the account's.
    @Test func theTightestPartIsReported() throws {
        let limiter = Limiter(
            .of(
                .limited {
                    $0[.requestsPerDay] = 50
                    $0.perModel["m"] = [.requestsPerDay: 9]
                    $0.perUser = [.tokensPerDay: 70]
                }, .limited("account") { $0.perModel["m"] = [.requestsPerDay: 2] }, account: "account"))
        let reservation = try limiter.admit(request(user: "ada"), of: key, at: .at())
        #expect(reservation.rates.requests?.remaining == 8)
        #expect(reservation.rates.tokens?.limit == 70)
        _ = limiter.settle(reservation, .nothing, at: .at())
    }

    // MARK: Settlement

    @Test func aStreamExtendsItsParts() throws {
        let limiter = limiter {
            $0.perModel["m"] = [.outputTokensPerDay: 150]
            $0.perUser = [.outputTokensPerDay: 120]
        }
        var reservation = try limiter.admit(request(user: "ada", output: 100), of: key, at: .at())
        let isExtended = [20, 1].map { limiter.extend(&reservation, by: $0, at: .at()) }
        #expect(isExtended == [true, false])
        #expect(use(limiter) == [.model("m"): 120, .user("ada"): 120])
        _ = limiter.settle(reservation, .used(LimitAmounts(outputTokens: 7)), at: .at())
        #expect(use(limiter) == [.model("m"): 7, .user("ada"): 7])
    }

    /// A dearer model that answered is billed, and its limit counts; so do the ledger's rows.
    @Test func theBilledModelCounts() throws {
        let limiter = limiter {
            for model in ["m", "dear"] { $0.perModel[model] = [.requestsPerDay: 5, .outputTokensPerHour: 99] }
        }
        let reservation = try limiter.admit(request(output: 50), of: key, at: .at())
        _ = limiter.settle(reservation, .used(used), model: "dear", user: "", at: .at())
        #expect(use(limiter) == [.model("m"): 0, .model("dear"): 1])
        let other = try limiter.admit(request("unlisted"), of: key, at: .at())
        _ = limiter.settle(other, .used(used), model: "m", user: "", at: .at())
        #expect(use(limiter) == [.model("m"): 1, .model("dear"): 1])
    }

    @Test func aPageOfAListCountsForItsUser() throws {
        let limiter = limiter { $0.perUser = [.requestsPerDay: 1] }
        try limiter.countRequest(of: key, user: "ada", at: .at())
        #expect(throws: LimitRefusal.self) { try limiter.countRequest(of: key, user: "ada", at: .at()) }
        try limiter.countRequest(of: key, user: "bob", at: .at())
    }

    @Test func alertsNameThePart() throws {
        let limiter = limiter { $0.perModel["m"] = [.requestsPerDay: 1] }
        let alerts = limiter.settle(try limiter.admit(request(), of: key, at: .at()), .used(used), at: .at())
        #expect(alerts.map(\.part) == [.model("m")])
        #expect(alerts.map(\.subject) == ["key"])
    }

    // MARK: Batches

    private func lines(_ outputs: [String: Int64], largest: Int64? = nil) -> BatchLines {
        var lines = BatchLines(url: "/v1/chat/completions", models: [:])
        for (model, output) in outputs {
            var part = BatchLines.Part()
            part.lines = 1
            part.outputTokens = output
            part.largestOutput = largest
            lines.models[model] = part
        }
        return lines
    }

    /// Each model of a batch is held and billed for itself, and all of it for the user without a name.
    @Test func aBatchHoldsItsModels() throws {
        let limiter = limiter {
            for model in ["m*", "n"] { $0.perModel[model] = [.outputTokensPerDay: 100] }
            $0.perUser = [.outputTokensPerDay: 1000]
        }
        let hold = try limiter.hold(lines(["m1": 30, "m2": 40, "n": 10]), of: key, at: .at())
        #expect(use(limiter) == [.model("m*"): 70, .model("n"): 10, .user(""): 80])
        #expect(!limiter.tries(request("m1", output: 31), of: key, at: .at()))
        #expect(throws: LimitRefusal.self) { try limiter.hold(lines(["m3": 31]), of: key, at: .at()) }
        // In every window until it is billed.
        #expect(use(limiter, at: 48 * Self.hour)[.model("m*")] == 70)
        _ = limiter.settle(
            hold,
            [
                ModelAmounts(model: "m2", amounts: LimitAmounts(outputTokens: 5)),
                ModelAmounts(model: "q", amounts: used),
            ],
            at: .at(48 * Self.hour))
        #expect(use(limiter, at: 48 * Self.hour) == [.model("m*"): 5, .model("n"): 0, .user(""): 6])
    }

    @Test func linesOfABatchAreBoundedByTheirModels() throws {
        let limiter = limiter { $0.perModel["m"] = [.maxOutputTokens: 50, .outputTokensPerDay: 1000] }
        #expect(throws: LimitRefusal.self) { try limiter.hold(lines(["m": 60], largest: 51), of: key, at: .at()) }
        _ = limiter.settle(try limiter.hold(lines(["n": 60, "m": 5], largest: 50), of: key, at: .at()), [], at: .at())
        var unbounded = lines(["m": 0, "n": 0])
        for model in unbounded.models.keys { unbounded.models[model]?.unboundedOutputs = 3 }
        let hold = try limiter.hold(unbounded, of: key, at: .at())
        #expect(hold.lines.models["m"]?.outputTokens == 150)
        #expect(hold.lines.models["n"]?.outputTokens == 12_288)
        _ = limiter.settle(hold, [], at: .at())
        #expect(use(limiter) == [.model("m"): 0])
    }

    @Test func aBatchIsHeldAgainAfterARestart() {
        let limiter = limiter { $0.perModel["m"] = [.outputTokensPerDay: 100] }
        let hold = limiter.resumeHold(
            lines(["m": 70]), keyID: "key", team: nil, keys: KeySnapshot([key]), at: .at())
        #expect(use(limiter) == [.model("m"): 70])
        _ = limiter.settle(hold, [], at: .at())
        #expect(use(limiter) == [.model("m"): 0])
    }

    // MARK: Changes

    /// A reload holds for streams under way too.
    @Test func aReloadReachesParts() throws {
        func rules(_ limit: Int64) -> LimitRules {
            .of(
                .limited {
                    $0.perModel["m"] = [.outputTokensPerDay: limit]
                    $0.perUser = [.outputTokensPerDay: limit]
                })
        }
        for (model, user) in [("m", ""), ("n", "ada")] {
            let limiter = Limiter(rules(1000))
            var reservation = try limiter.admit(request(model, user: user, output: 100), of: key, at: .at())
            limiter.replace(rules(150), at: .at())
            #expect(limiter.states(of: key, at: .at()).map(\.limit).allSatisfy { $0 == 150 })
            let isExtended = limiter.extend(&reservation, by: 51, at: .at())
            #expect(!isExtended)
            limiter.replace(.of(.limited { _ in }), at: .at())
            #expect(limiter.states(of: key, at: .at()).isEmpty)
            _ = limiter.settle(reservation, .used(used), model: model, user: user, at: .at())
            #expect(limiter.tries(request(model, user: user, output: 5000), of: key, at: .at(), used: used))
            limiter.replace(rules(150), at: .at())
            #expect(limiter.states(of: key, at: .at()).allSatisfy { $0.reserved == 0 })
        }
    }

    /// Limits that a reload brings hold for requests that were admitted before, as they end.
    @Test func newPartsCountWhatEndsAfterThem() throws {
        let limiter = limiter { _ in }
        let reservation = try limiter.admit(request(user: "ada"), of: key, at: .at())
        limiter.replace(
            .of(
                .limited {
                    $0.perModel["m"] = [.budgetPerDay: 20_000]
                    $0.perUser = [.budgetPerDay: 20_000]
                }), at: .at())
        _ = limiter.settle(reservation, .used(used), model: "m", user: "ada", at: .at())
        #expect(use(limiter) == [.model("m"): 9800, .user("ada"): 9800])
    }

    @Test func aMoveToAnotherTierReachesParts() {
        let limiter = Limiter(
            .of(
                .limited { $0.perModel["m"] = [.outputTokensPerDay: 1000] },
                .limited("narrow") { $0.perModel["m"] = [.outputTokensPerDay: 1] }))
        #expect(tries(limiter))
        #expect(!tries(limiter, of: .of("key", tier: "narrow")))
    }

    /// Grants and limits of one key leave the tier's parts as they are.
    @Test func limitsOfOneKeyLeaveParts() {
        let limiter = limiter {
            $0[.requestsPerDay] = 5
            $0.perModel["m"] = [.requestsPerDay: 1]
        }
        let granted = KeyRecord.of(
            "key",
            limits: KeyLimits(
                own: [.requestsPerDay: 3],
                grants: [LimitGrant(kind: .requestsPerDay, raise: .percent(100), until: LimitTime.at(Self.hour).wall)]))
        #expect(tries(limiter, of: granted))
        #expect(!tries(limiter, of: granted))
        #expect(limiter.states(of: granted, at: .at()).map(\.limit) == [6, 1])
    }

    /// Usage of parts comes back from the ledger's rows and totals.
    @Test func aRestartRebuildsParts() {
        let limiter = limiter {
            $0.perModel["m*"] = [.requestsPerDay: 9]
            $0.perUser = [.budgetInTotal: 50_000]
        }
        #expect(limiter.historySpan(at: .at()).hasParts)
        func use(_ model: String?, _ user: String?) -> LimitHistory.Use {
            LimitHistory.Use(UsageOwner(keyID: "key", team: nil, model: model, user: user), amounts: used)
        }
        // Folded rows have no user any more.
        let uses = [use("m1", "ada"), use("m2", ""), use("n", "ada"), use("n", "bob"), use("m1", nil), use(nil, "")]
        limiter.restore(LimitHistory(uses: [.day: uses, .total: uses]), keys: KeySnapshot([key]), at: .at())
        let states = limiter.states(of: key, at: .at())
        #expect(states.map(\.part) == [.model("m*"), .user(""), .user("ada"), .user("bob")])
        #expect(states.map(\.used) == [3, 19_600, 19_600, 9800])
    }

    @Test func minutesOfPartsAreRestored() {
        let limiter = limiter { $0.perUser = [.requestsPerMinute: 2] }
        let span = limiter.historySpan(at: .at(30_000_000))
        #expect(span.recent != nil)
        let requests = (0..<2).map { _ in
            LimitHistory.Requests(
                startedAt: LimitTime.at().wall, UsageOwner(keyID: "key", team: nil, model: "m", user: "ada"),
                amounts: used)
        }
        limiter.restore(LimitHistory(of: requests, in: span), keys: KeySnapshot([key]), at: .at(30_000_000))
        #expect(tries(limiter, user: "ada", at: 30_000_000))
        #expect(!tries(limiter, user: "ada", at: 30_000_000))
        #expect(tries(limiter, user: "bob", at: 30_000_000))
    }

    @Test func withoutPartsNoneAreRead() {
        #expect(!limiter { $0[.requestsPerDay] = 1 }.historySpan(at: .at()).hasParts)
    }

    /// Another price changes the usage of parts; a credit is the key's and the team's.
    @Test func correctionsOfPricesReachParts() {
        let limiter = limiter {
            $0[.budgetPerDay] = 90_000
            $0.perModel["m"] = [.budgetPerDay: 50_000]
            $0.perUser = [.budgetPerDay: 50_000]
        }
        #expect(tries(limiter, user: "ada"))
        func correction(_ number: Int64, _ owner: UsageOwner, isCredit: Bool) -> CostCorrection {
            CostCorrection(number: number, at: LimitTime.at().wall, owner, change: -1800, concernsAccount: !isCredit)
        }
        let corrections = [
            correction(1, UsageOwner(keyID: "key", team: nil, model: "m", user: "ada"), isCredit: false),
            correction(2, UsageOwner(keyID: "key", team: nil), isCredit: true),
        ]
        #expect(limiter.correct(corrections, keys: KeySnapshot([key]), at: .at()) == 2)
        #expect(use(limiter) == [nil: 6200, .model("m"): 8000, .user("ada"): 8000])
    }

    // MARK: Bounds

    private func tries(_ state: inout LimiterState, user: String, at microseconds: Int64 = 0) -> Bool {
        do throws(LimitRefusal) {
            let reservation = try state.admit(request(user: user), of: key, at: .at(microseconds))
            _ = state.settle(reservation, .used(used), model: "m", user: user, at: .at(microseconds))
            reservation.release()
            return true
        } catch { return false }
    }

    @Test func furtherUsersShareOneLimit() {
        var state = LimiterState(.of(.limited { $0.perUser = [.requestsPerDay: 2] }))
        state.scopes.mostUsersOfScope = 3
        for user in ["a", "b", "c", "d", "e"] { #expect(tries(&state, user: user), "\(user)") }
        #expect(!tries(&state, user: "f"), "the third of (other)")
        #expect(tries(&state, user: "a"))
        #expect(tries(&state, user: ""), "it has always room")
        #expect(state.scopes.usages.count == 2 + 3 + 2)
    }

    /// Users come and go; the table stays as large as the users of one window need.
    @Test func unusedUsersLeave() throws {
        var state = LimiterState(.of(.limited { $0.perUser = [.outputTokensPerHour: 100] }))
        let stays = try state.admit(request(user: "stays"), of: key, at: .at())
        for round in 0..<20 as Range<Int64> {
            for number in 0..<10 { #expect(tries(&state, user: "\(round) \(number)", at: round * Self.hour)) }
            let states = state.states(of: key, at: .at(round * Self.hour))
            #expect(states.count { $0.used == 1 } == 10)
        }
        #expect(state.scopes.usages.count <= 2 + 1 + 10)
        let last = LimitTime.at(19 * Self.hour)
        #expect(state.states(of: key, at: last).contains { $0.part == .user("stays") })
        _ = state.settle(stays, .used(used), model: "m", user: "stays", at: last)
        stays.release()
    }

    /// Users of a full key leave as soon as they use nothing, not at the end of the hour.
    @Test func aFullKeyForgetsUsersAtOnce() {
        var state = LimiterState(.of(.limited { $0.perUser = [.requestsPerMinute: 1] }))
        state.scopes.mostUsersOfScope = 3
        for user in ["a", "b", "c"] { #expect(tries(&state, user: user)) }
        #expect(tries(&state, user: "d"), "the first of (other)")
        #expect(!tries(&state, user: "e", at: 1_000_000))
        for user in ["f", "g", "h"] { #expect(tries(&state, user: user, at: 70_000_000), "\(user)") }
        #expect(state.scopes.usages.count == 2 + 3 + 1)
    }

    @Test func aPrepaidUserStays() {
        let limiter = limiter { $0.perUser = [.budgetInTotal: 9800] }
        #expect(tries(limiter, user: "ada"))
        #expect(!tries(limiter, user: "ada", at: 400 * 24 * Self.hour))
    }
}
