import Clocks
import Policy
import Testing

@Suite struct KeyRecordTests {
    @Test func equalWhereEveryFactIs() {
        let record = KeyRecord.example()
        #expect(record == .example())
        let now = Timestamp(seconds: 9)
        let others: [KeyRecord] = [
            .example(id: "1123456789"), .example(tier: "tier-1"), .example(models: []), .example(expiresAt: now),
            .example(revokedAt: now), .example(digest: .example(2)),
            .example(predecessor: .init(digest: .example(2), validUntil: now)),
        ]
        for other in others { #expect(record != other) }
    }
}
