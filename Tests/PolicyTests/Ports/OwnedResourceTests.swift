import Clocks
import Policy
import Testing

@Suite struct OwnedResourceTests {
    private func key(_ id: String, team: String?) -> KeyRecord {
        KeyRecord(
            id: id, name: id, tier: "monthly", team: team, createdAt: Timestamp(seconds: 1), digest: .example(1))
    }

    private func resource(team: String?) -> OwnedResource {
        OwnedResource(id: "file-1", kind: .file, keyID: "maker", team: team, createdAt: Timestamp(seconds: 1))
    }

    @Test func itsMakerSeesIt() {
        #expect(resource(team: nil).isVisible(to: key("maker", team: nil)))
        #expect(resource(team: "red").isVisible(to: key("maker", team: "blue")))
    }

    @Test func itsTeamSeesIt() {
        #expect(resource(team: "red").isVisible(to: key("other", team: "red")))
    }

    @Test func othersDoNotSeeIt() {
        #expect(!resource(team: "red").isVisible(to: key("other", team: "blue")))
        #expect(!resource(team: "red").isVisible(to: key("other", team: nil)))
        #expect(!resource(team: nil).isVisible(to: key("other", team: "red")))
    }

    /// Two keys without a team are not one team.
    @Test func noTeamIsNoTeamInCommon() {
        #expect(!resource(team: nil).isVisible(to: key("other", team: nil)))
    }

    @Test func aNewResourceIsNotMetered() {
        #expect(!resource(team: nil).isMetered)
        #expect(resource(team: nil).batchID == nil)
    }
}
