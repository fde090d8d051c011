import Clocks
import Policy
import Testing

@Suite struct PoliciesTests {
    @Test func withoutAnythingTheVendorsPoliciesCount() {
        let policies = Policies()
        #expect(policies.tiers == .vendor)
        #expect(policies.prices == .vendor)
        #expect(policies.energy == .vendor)
        #expect(policies.tiers[policies.defaultTier] != nil)
        #expect(policies.tier(of: .example(tier: "tier-2"))?.name == "tier-2")
    }
}
