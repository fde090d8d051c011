import Clocks
import SeededRandom
import Testing

@testable import Policy

@Suite struct ExpiryNoticeTests {
    private static let day: Int64 = 86_400
    private let end: Int64 = 1_795_428_000

    /// The days of the notice that is due `seconds` before the end.
    private func days(_ kind: Expiring.Kind, _ seconds: Int64) -> Int64? {
        let subject = Expiring(kind, "a", expiresAt: Timestamp(seconds: end))
        return ExpiryNotice(subject, at: Timestamp(seconds: end - seconds))?.days
    }

    @Test(
        arguments: [
            (21 * day + 1, nil), (21 * day, 21), (7 * day + 1, 21), (7 * day, 7), (day + 1, 7), (day, 1), (1, 1),
            (0, 0),
            (-1, 0), (-365 * day + 1, 0), (-365 * day, nil),
        ] as [(Int64, Int64?)])
    func aCertificateHasNoticesUpToItsEnd(left: Int64, expected: Int64?) {
        #expect(days(.certificate, left) == expected)
    }

    @Test(
        arguments: [
            (14 * day + 1, nil), (14 * day, 14), (3 * day + 1, 14), (3 * day, 3), (day + 1, 3), (day, 1), (1, 1),
            (0, nil),
            (-1, nil),
        ] as [(Int64, Int64?)])
    func aKeyHasNoticesBeforeItsEnd(left: Int64, expected: Int64?) { #expect(days(.key, left) == expected) }

    @Test(arguments: [Int64.min, -1, 0, 1, .max], [Int64.min, -1, 0, 1, .max]) func noTimesTrap(end: Int64, now: Int64)
    {
        for kind in Expiring.Kind.allCases {
            let subject = Expiring(kind, "a", expiresAt: Timestamp(microseconds: end))
            let notice = ExpiryNotice(subject, at: Timestamp(microseconds: now))
            #expect((notice == nil) == (end <= now && kind == .key || abs(Double(end) - Double(now)) > 1e15))
        }
    }

    @Test func onlyActiveKeysExpire() {
        let now = Timestamp(seconds: end)
        func key(_ id: String, days: Double?, revoked: Bool = false, suspended: Bool = false) -> KeyRecord {
            KeyRecord(
                id: id, name: id, tier: "t", createdAt: Timestamp(seconds: 0),
                expiresAt: days.map { now + .seconds($0 * 86_400) }, revokedAt: revoked ? now : nil,
                suspendedAt: suspended ? now : nil, digest: KeyDigest(1, 2, 3, UInt64(id.utf8.first ?? 0)))
        }
        let keys = KeySnapshot([
            key("later", days: 10), key("soon", days: 0.5), key("never", days: nil), key("far", days: 14.1),
            key("ended", days: 0), key("revoked", days: 2, revoked: true), key("waits", days: 2, suspended: true),
        ])
        let expiring = keys.expiring(at: now)
        #expect(expiring.map(\.key.id) == ["soon", "later"])
        #expect(expiring.map(\.notice.days) == [1, 14])
        #expect(expiring.map(\.notice.subject.id) == ["soon", "later"])
    }
}
