import Clocks
import Foundation
import Policy
import Testing

@testable import propylon

@Suite struct KeyTextTests {
    private let now = Timestamp(seconds: 1_000_000)

    @Test func tableOfEveryState() {
        let text = text.table([
            key("a1", expiresAt: nil, revokedAt: nil), key("b2", expiresAt: 1_000_000, revokedAt: nil),
            key("c3", expiresAt: 2_000_000, revokedAt: 999_999), key("d4", expiresAt: 1_000_001, revokedAt: nil),
        ])
        #expect(
            text == """
                ID  NAME  TIER     TEAM  STATE    CREATED           EXPIRES
                a1  ada   monthly  -     active   1970-01-01 00:00  never
                b2  ada   monthly  -     expired  1970-01-01 00:00  1970-01-12 13:46
                c3  ada   monthly  -     revoked  1970-01-01 00:00  1970-01-24 03:33
                d4  ada   monthly  -     active   1970-01-01 00:00  1970-01-12 13:46

                """)
    }

    @Test func factsNameTheGraceWhileItLasts() {
        let graceful = key("a1", expiresAt: nil, revokedAt: nil, graces: [1_000_001])
        #expect(text.facts(graceful).contains("old secret works until  1970-01-12T13:46:41Z"))
        #expect(!text.facts(key("a1", expiresAt: nil, revokedAt: nil, graces: [1_000_000])).contains("old secret"))
        #expect(!text.facts(key("a1", expiresAt: nil, revokedAt: 5, graces: [1_000_001])).contains("old secret"))
    }

    @Test func everyOldSecretThatWorksIsNamed() {
        let rotated = key("a1", expiresAt: nil, revokedAt: nil, graces: [1_000_002, 999_999, 1_000_001])
        #expect(text.facts(rotated).contains("old secret works until  1970-01-12T13:46:42Z"))
        #expect(text.facts(rotated).contains("old secret works until  1970-01-12T13:46:41Z"))
        let json = text.json(rotated).text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(json.contains(#""old_secret_valid_until": "1970-01-12T13:46:42Z""#))
        #expect(
            json.contains(#""old_secrets_valid_until": [ "1970-01-12T13:46:42Z", "1970-01-12T13:46:41Z" ]"#))
        #expect(text.olderSecrets(of: rotated) == "Older ones work until 1970-01-12T13:46:42Z. ")
        #expect(text.olderSecrets(of: key("a1", expiresAt: nil, revokedAt: nil, graces: [1_000_001])).isEmpty)
    }

    @Test func json() {
        let text = text.json(key("a1", expiresAt: nil, revokedAt: 999_999)).text
        #expect(
            text == """
                {
                  "id": "a1",
                  "name": "ada",
                  "state": "revoked",
                  "tier": "monthly",
                  "team": null,
                  "models": null,
                  "created_at": "1970-01-01T00:00:10Z",
                  "expires_at": null,
                  "suspended_at": null,
                  "limits": {},
                  "grants": [],
                  "revoked_at": "1970-01-12T13:46:39Z",
                  "old_secret_valid_until": null,
                  "old_secrets_valid_until": [],
                  "version": 0
                }
                """)
    }

    @Test func limitsGrantsAndSuspensionAreShown() throws {
        func grant(_ raise: LimitGrant.Raise, until second: Int64) -> LimitGrant {
            LimitGrant(kind: .budgetPerMonth, raise: raise, until: Timestamp(seconds: second))
        }
        let key = KeyRecord(
            id: "a1", name: "ada", tier: "monthly", createdAt: Timestamp(seconds: 10),
            suspendedAt: Timestamp(seconds: 999_999),
            limits: KeyLimits(
                own: [.budgetPerMonth: 2_500_000_000, .requestsPerMinute: 20],
                grants: [
                    grant(.percent(50), until: 1_000_001), grant(.amount(20_000_000_000), until: 1_000_002),
                    grant(.percent(1), until: 1_000_000),
                ]), digest: KeyDigest(1, 2, 3, 4))
        let facts = text.facts(key)
        for line in [
            "state      suspended", "suspended  1970-01-12T13:46:39Z", "limit      20 requests a minute",
            "limit      2.5 EUR a month", "grant      budget_eur_per_month +50% until 1970-01-12T13:46:41Z",
            "grant      budget_eur_per_month +20 until 1970-01-12T13:46:42Z",
        ] { #expect(facts.contains(line + "\n"), "\(facts)") }
        #expect(!facts.contains("+1%"))
        let json = text.json(key).text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(json.contains(#""limits": { "requests_per_minute": "20", "budget_eur_per_month": "2.5" }"#))
        #expect(
            json.contains(
                #"{ "limit": "budget_eur_per_month", "size": "+20", "until": "1970-01-12T13:46:42Z" } ]"#))
    }

    @Test func jsonOfANewKeyHasThePromisedMembers() throws {
        let new = APIKey.generate()
        let text = text.json(.init(key: new, record: key(new.id, expiresAt: nil, revokedAt: nil))).text
        let members = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
        #expect(members.keys.sorted() == ["expires_at", "id", "key", "name", "team", "tier"])
        // Not compared in one expression: a failure must not print the key.
        let isWhole = members["key"] as? String == new.reveal()
        #expect(isWhole)
    }

    private var text: KeyText { KeyText(TimeText(zone: .gmt), at: now) }

    private func key(_ id: String, expiresAt: Int64?, revokedAt: Int64?, graces: [Int64] = []) -> KeyRecord {
        KeyRecord(
            id: id, name: "ada", tier: "monthly", createdAt: Timestamp(seconds: 10),
            expiresAt: expiresAt.map { Timestamp(seconds: $0) }, revokedAt: revokedAt.map { Timestamp(seconds: $0) },
            digest: KeyDigest(1, 2, 3, 4),
            predecessors: graces.map {
                KeyRecord.Predecessor(digest: KeyDigest(5, 6, 7, 8), validUntil: Timestamp(seconds: $0))
            })
    }
}
