import Policy
import Testing

@Suite struct AdmissionTests {
    private let policies = Policies(
        tiers: TierTable(overriding: [
            .example("student", models: ["gpt-oss:*", "favourite"], endpoints: ["chat/completions", "models"])
        ]),
        models: ModelTable(aliases: [
            "gpt-4o": "gpt-oss:120b", "gpt-oss:secret": "llama3.3:70b", "favourite": "llama3.3:70b",
        ]))

    private func refusal(_ key: KeyRecord, _ endpoint: String, _ model: String?) -> AdmissionRefusal? {
        do throws(AdmissionRefusal) {
            try policies.admit(key, endpoint: endpoint, model: model)
            return nil
        } catch { return error }
    }

    @Test func unlimitedTierMayEverything() {
        #expect(refusal(.example(), "other", "anything") == nil)
        #expect(refusal(.example(), "files", nil) == nil)
    }

    @Test func listsOfTheTierCount() {
        let key = KeyRecord.example(tier: "student")
        #expect(refusal(key, "chat/completions", "gpt-oss:20b") == nil)
        #expect(refusal(key, "chat/completions", "llama3.3:70b") == .modelNotAllowed)
        #expect(refusal(key, "embeddings", "gpt-oss:20b") == .endpointNotAllowed)
        #expect(refusal(key, "embeddings", "llama3.3:70b") == .endpointNotAllowed)
        #expect(refusal(key, "models", nil) == nil)
    }

    @Test func keyNarrowsItsTier() {
        let key = KeyRecord.example(tier: "student", models: ["*:20b", "llama3.3:70b"])
        #expect(refusal(key, "chat/completions", "gpt-oss:20b") == nil)
        #expect(refusal(key, "chat/completions", "gpt-oss:120b") == .modelNotAllowed)
        #expect(refusal(key, "chat/completions", "llama3.3:70b") == .modelNotAllowed)
    }

    @Test func keyNarrowsATierWithoutList() {
        let key = KeyRecord.example(models: ["gpt-4o"])
        #expect(refusal(key, "chat/completions", "gpt-4o") == nil)
        #expect(refusal(key, "chat/completions", "gpt-oss:120b") == .modelNotAllowed)
    }

    @Test func aliasIsAsGoodAsItsTarget() {
        let key = KeyRecord.example(tier: "student")
        #expect(policies.allows(key, model: "gpt-4o"))
        #expect(policies.allows(key, model: "favourite"))
        // The pattern gpt-oss:* matches the alias, but not what it stands for.
        #expect(!policies.allows(key, model: "gpt-oss:secret"))
    }

    @Test func patternOfAliasesIsAllowedByItsTargetAndItself() {
        func allows(_ listed: String, _ model: String) -> Bool {
            let policies = Policies(
                tiers: TierTable(overriding: [.example("t", models: [listed])]),
                models: ModelTable(aliases: ["claude-*": "gpt-oss:120b", "claude-3": "llama3.3:70b"]))
            return policies.allows(.example(tier: "t"), model: model)
        }
        #expect(allows("gpt-oss:120b", "claude-sonnet"))
        #expect(allows("claude-*", "claude-sonnet"))
        #expect(allows("claude-sonnet", "claude-sonnet"))
        #expect(!allows("claude-s*", "claude-sonnet"))
        #expect(!allows("claude-*", "claude-3"))
        #expect(!allows("llama3.3:70b", "claude-sonnet"))
    }

    @Test func keyOfAVanishedTierMayNothing() {
        let key = KeyRecord.example(tier: "gone")
        #expect(refusal(key, "models", nil) == .tierUnknown("gone"))
        #expect(!policies.allows(key, model: "gpt-oss:20b"))
    }

    /// A list with `*` names no model, and leaves none out: so it is no restriction, of a tier or of a key.
    @Test(
        arguments: [(["*"], nil), (nil, ["*"]), (["gpt-oss:*", "*"], ["*"]), (nil, nil)] as [([String]?, [String]?)])
    func aListWithEverythingIsNoRestriction(_ ofTier: [String]?, _ ofKey: [String]?) throws {
        let policies = Policies(tiers: TierTable(overriding: [.example("t", models: ofTier)]))
        let key = KeyRecord.example(tier: "t", models: ofKey)
        try policies.admit(key, endpoint: "other", model: nil, mayUseAnyModel: true)
        #expect(policies.allows(key, model: "anything"))
    }

    @Test(arguments: [(["gpt-oss:*"], nil), (nil, ["**x"]), (["*"], ["a"]), ([], nil)] as [([String]?, [String]?)])
    func aRealListIsARestriction(_ ofTier: [String]?, _ ofKey: [String]?) {
        let policies = Policies(tiers: TierTable(overriding: [.example("t", models: ofTier)]))
        let key = KeyRecord.example(tier: "t", models: ofKey)
        #expect(throws: AdmissionRefusal.modelNotNamed) {
            try policies.admit(key, endpoint: "other", model: nil, mayUseAnyModel: true)
        }
    }
}
