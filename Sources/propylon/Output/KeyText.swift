import Clocks
import Policy

/// Keys on the command line, without their secrets.
struct KeyText {
    private let time: TimeText
    private let now: Timestamp

    /// Times are in the zone of `time`; states are those at `now`.
    init(_ time: TimeText, at now: Timestamp) {
        self.time = time
        self.now = now
    }

    /// One line for each key.
    func table(_ keys: [KeyRecord]) -> String {
        var table = TextTable([
            ("ID", .left), ("NAME", .left), ("TIER", .left), ("TEAM", .left), ("STATE", .left), ("CREATED", .left),
            ("EXPIRES", .left),
        ])
        for key in keys {
            table.add([
                key.id, key.name, key.tier, key.team ?? "-", key.state(at: now).rawValue, time.minute(key.createdAt),
                key.expiresAt.map(time.minute) ?? "never",
            ])
        }
        return table.text
    }

    /// All facts of one key, a line each.
    func facts(_ key: KeyRecord) -> String {
        var table = TextTable([("FIELD", .left), ("VALUE", .left)])
        table.add(["id", key.id])
        table.add(["name", key.name])
        table.add(["state", key.state(at: now).rawValue])
        table.add(["tier", key.tier])
        table.add(["team", key.team ?? "-"])
        table.add(["models", key.models?.joined(separator: ", ") ?? "all of the tier"])
        table.add(["created", time.string(key.createdAt)])
        table.add(["expires", key.expiresAt.map(time.string) ?? "never"])
        if let suspendedAt = key.suspendedAt { table.add(["suspended", time.string(suspendedAt)]) }
        for (kind, limit) in limits(of: key) { table.add(["limit", kind.text(limit)]) }
        for grant in grants(of: key) {
            table.add(["grant", "\(grant.kind.rawValue) \(grant.sizeText) until \(time.string(grant.until))"])
        }
        if let revokedAt = key.revokedAt { table.add(["revoked", time.string(revokedAt)]) }
        for end in ends(ofOldSecrets: key) { table.add(["old secret works until", time.string(end)]) }
        return table.text
    }

    /// All facts of one key, for scripts.
    func json(_ key: KeyRecord) -> JSONText {
        .object([
            ("id", .string(key.id)),
            ("name", .string(key.name)),
            ("state", .string(key.state(at: now).rawValue)),
            ("tier", .string(key.tier)),
            ("team", .optional(key.team)),
            ("models", key.models.map { .array($0.map(JSONText.string)) } ?? .null),
            ("created_at", .string(time.string(key.createdAt))),
            ("expires_at", .optional(key.expiresAt.map(time.string))),
            ("suspended_at", .optional(key.suspendedAt.map(time.string))),
            ("limits", .object(limits(of: key).map { ($0.rawValue, .string($0.plainAmount($1))) })),
            (
                "grants",
                .array(
                    grants(of: key).map { grant in
                        .object([
                            ("limit", .string(grant.kind.rawValue)), ("size", .string(grant.sizeText)),
                            ("until", .string(time.string(grant.until))),
                        ])
                    })
            ),
            ("revoked_at", .optional(key.revokedAt.map(time.string))),
            ("old_secret_valid_until", .optional(ends(ofOldSecrets: key).max().map(time.string))),
            ("old_secrets_valid_until", .array(ends(ofOldSecrets: key).map { .string(time.string($0)) })),
            ("version", .integer(key.version)),
        ])
    }

    /// A new or rotated key, with its secret.
    func json(_ issued: KeyService.Issued) -> JSONText {
        let record = issued.record
        var members: [(name: String, value: JSONText)] = [
            ("id", .string(record.id)),
            ("key", .string(issued.key.reveal())),
            ("name", .string(record.name)),
            ("tier", .string(record.tier)),
            ("team", .optional(record.team)),
            ("expires_at", .optional(record.expiresAt.map(time.string))),
        ]
        if let predecessor = record.predecessors.last {
            members.append(("old_secret_valid_until", .string(time.string(predecessor.validUntil))))
        }
        return .object(members)
    }

    /// The limits of the key's own, in the order of the table of limits.
    private func limits(of key: KeyRecord) -> [(LimitKind, Int64)] {
        LimitKind.allCases.compactMap { kind in key.limits.own[kind].map { (kind, $0) } }
    }

    /// The grants that have not ended.
    private func grants(of key: KeyRecord) -> [LimitGrant] { key.limits.grants.filter { $0.until > now } }

    /// A sentence about secrets of a rotated key that are older than its last one and work; empty without any.
    func olderSecrets(of key: KeyRecord) -> String {
        let ends = key.predecessors.dropLast().map(\.validUntil).filter { $0 > now }
        guard !ends.isEmpty else { return "" }
        return "Older ones work until \(ends.map(time.string).joined(separator: " and ")). "
    }

    /// The ends of a rotated key's old secrets that work, the secret that was replaced first before the others.
    private func ends(ofOldSecrets key: KeyRecord) -> [Timestamp] {
        guard key.state(at: now) == .active else { return [] }
        return key.predecessors.map(\.validUntil).filter { $0 > now }
    }
}
