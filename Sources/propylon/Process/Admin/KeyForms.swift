import Admin
import Policy

/// The forms of keys in the admin API.
enum KeyForms {
    private static let name = AdminSchema.text(1...200)
    private static let limitNames = LimitKind.allCases.map(\.rawValue)
    private static let limits = AdminSchema.table(
        names: limitNames, .either([.integer(1...Int64.max), .text(1...40), .null]))

    private static func members(requiresName: Bool) -> AdminSchema {
        .object([
            .init("name", name, "Name, which no other key has that is not revoked.", required: requiresName),
            .init("tier", name, "Tier; default: default_tier of the configuration."),
            .init("team", .optional(.text(0...200)), "Team that the usage counts for; null for none."),
            .init(
                "models", .optional(.list(.text(1...200), atMost: 64)),
                "Models among those of the tier, `*` for any characters; null for all."),
            .init(
                "expires_at", .optional(.text(1...40)),
                "End: a time, a date, which the key ends with, or a duration such as 90d; null for never."),
            .init("limits", limits, "Limits of the key's own by name: numbers, EUR as text; null removes one."),
        ])
    }

    /// The body of a creation.
    static let new = members(requiresName: true)
    /// The body of a change (RFC 7396): members that are not named stay.
    static let changes = members(requiresName: false)
    /// The body of a rotation.
    static let rotation = AdminSchema.object([
        .init("grace", .text(2...20), "Time for which the old secret still works, as 24h, which is the default.")
    ])
    /// The body of grants.
    static let grants = AdminSchema.object([
        .init(
            "limits", .table(names: limitNames, .text(2...40)), "Raises by name of the limit, as `+50%` or `+20`.",
            required: true),
        .init("until", .text(1...40), "End: a duration, a date, a time, or hour, day, week or month.", required: true),
    ])

    private static let shown: [AdminSchema.Member] = [
        .init("id", .text(), "The public id.", required: true), .init("name", .text(), "The name.", required: true),
        .init("state", .choice(KeyState.allCases.map(\.rawValue)), "The state now.", required: true),
        .init("tier", .text(), "The tier.", required: true),
        .init("team", .optional(.text()), "The team.", required: true),
        .init("models", .optional(.list(.text(), atMost: 64)), "The models; null for all.", required: true),
        .init("created_at", .text(), "The creation.", required: true),
        .init("expires_at", .optional(.text()), "The end; null for never.", required: true),
        .init("suspended_at", .optional(.text()), "The suspension.", required: true),
        .init("revoked_at", .optional(.text()), "The revocation.", required: true),
        .init("limits", .table(names: nil, .text()), "The limits of the key's own.", required: true),
        .init(
            "grants",
            .list(
                .object([
                    .init("limit", .text(), "The limit.", required: true),
                    .init("size", .text(), "The raise.", required: true),
                    .init("until", .text(), "The end.", required: true),
                ]), atMost: 32), "Grants that have not ended.", required: true),
        .init("old_secret_valid_until", .optional(.text()), "The end of the last old secret.", required: true),
        .init("old_secrets_valid_until", .list(.text(), atMost: 10_000), "The ends of old secrets.", required: true),
        .init("version", .integer(0...Int64.max), "The version, as in `etag`.", required: true),
    ]
    /// A key.
    static let key = AdminSchema.object(shown)
    /// A page of keys.
    static let page = AdminSchema.object([
        .init("keys", .list(key, atMost: pageLimit), "The keys, the oldest first.", required: true),
        .init("next_cursor", .optional(.text()), "The cursor of the next page; null at the end.", required: true),
    ])
    /// A key with its new secret.
    static let issued = AdminSchema.object([
        .init("id", .text(), "The public id.", required: true),
        .init("key", .text(), "The key. It is shown only now.", required: true),
        .init("name", .text(), "The name.", required: true), .init("tier", .text(), "The tier.", required: true),
        .init("team", .optional(.text()), "The team.", required: true),
        .init("expires_at", .optional(.text()), "The end; null for never.", required: true),
        .init("old_secret_valid_until", .text(), "The end of the secret before."),
    ])

    /// The most keys of a page.
    static let pageLimit = 1000
}
