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

    @Test func keysOfVanishedTiersAreFound() {
        let gone = KeyRecord.example(id: "aaaaaaaaaa", tier: "gone", digest: .example(1))
        let revoked = KeyRecord.example(
            id: "bbbbbbbbbb", tier: "gone", revokedAt: Timestamp(seconds: 1), digest: .example(2))
        let fine = KeyRecord.example(id: "cccccccccc", digest: .example(3))
        #expect(Policies().keysWithoutTier(KeySnapshot([gone, revoked, fine])) == [gone])
    }
}
