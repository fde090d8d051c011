import Clocks
import Foundation
import Policy

/// Members of something that changes, by their names, as the audit log shows them.
struct AuditMembers: Equatable {
    /// The value of a member.
    enum Value: Equatable, Encodable {
        case none
        case text(String)
        case list([String])
        case table([String: String])

        func encode(to encoder: any Encoder) throws {
            var value = encoder.singleValueContainer()
            switch self {
            case .none: try value.encodeNil()
            case .text(let text): try value.encode(text)
            case .list(let texts): try value.encode(texts)
            case .table(let texts): try value.encode(texts)
            }
        }
    }

    private(set) var values: [String: Value] = [:]

    /// The members `values`.
    init(_ values: [String: Value] = [:]) { self.values = values }

    /// The members whose value is another one in `other`, or that it does not have.
    func differing(from other: AuditMembers) -> AuditMembers {
        AuditMembers(values.filter { other.values[$0.key] != $0.value })
    }

    /// A JSON object with sorted members.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(values), as: UTF8.self)
    }
}

extension AuditMembers {
    /// The members of `key`. Of its secrets it has the times at which they end, so that a rotation is seen.
    init(_ key: KeyRecord) {
        values = [
            "name": .text(key.name), "tier": .text(key.tier), "team": Self.optional(key.team),
            "models": key.models.map(Value.list) ?? .none, "expires_at": Self.time(key.expiresAt),
            "suspended_at": Self.time(key.suspendedAt), "revoked_at": Self.time(key.revokedAt),
            "limits": .table(
                Dictionary(uniqueKeysWithValues: key.limits.own.map { ($0.rawValue, $0.plainAmount($1)) })),
            "grants": .list(key.limits.grants.map { "\($0.kind.rawValue) \($0.sizeText) until \($0.until.utcText)" }),
            "old_secrets_valid_until": .list(key.predecessors.map(\.validUntil.utcText)),
        ]
    }

    /// A text, or none.
    static func optional(_ text: String?) -> Value { text.map(Value.text) ?? .none }

    private static func time(_ moment: Timestamp?) -> Value { optional(moment?.utcText) }
}
