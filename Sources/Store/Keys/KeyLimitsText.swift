import Clocks
import Foundation
import GRDB
import Policy

/// Limits and grants in the table `keys`, as JSON, which other programs can read too. Money is in nano-euros.
enum KeyLimitsText {
    private struct StoredGrant: Codable {
        let limit: String
        let percent: Int64?
        let amount: Int64?
        /// Microseconds since 1970.
        let until: Int64
    }

    /// Encodes limits by their names; nil for none.
    static func limits(_ limits: [LimitKind: Int64]) throws -> String? {
        guard !limits.isEmpty else { return nil }
        return try text(Dictionary(uniqueKeysWithValues: limits.map { ($0.rawValue, $1) }))
    }

    /// Encodes grants in their order; nil for none.
    static func grants(_ grants: [LimitGrant]) throws -> String? {
        guard !grants.isEmpty else { return nil }
        return try text(
            grants.map { grant in
                switch grant.raise {
                case .percent(let percent):
                    StoredGrant(
                        limit: grant.kind.rawValue, percent: percent, amount: nil, until: grant.until.microseconds)
                case .amount(let amount):
                    StoredGrant(
                        limit: grant.kind.rawValue, percent: nil, amount: amount, until: grant.until.microseconds)
                }
            })
    }

    /// Reads the limits of the key `id`.
    static func limits(_ text: String?, of id: String) throws -> [LimitKind: Int64] {
        var limits: [LimitKind: Int64] = [:]
        guard let text else { return limits }
        for (name, limit) in try value([String: Int64].self, of: text) { limits[try kind(name, of: id)] = limit }
        return limits
    }

    /// Reads the grants of the key `id`.
    static func grants(_ text: String?, of id: String) throws -> [LimitGrant] {
        try (text.map { try value([StoredGrant].self, of: $0) } ?? []).map { stored in
            LimitGrant(
                kind: try kind(stored.limit, of: id),
                raise: stored.percent.map { .percent($0) } ?? .amount(stored.amount ?? 0),
                until: Timestamp(microseconds: stored.until))
        }
    }

    private static func kind(_ name: String, of id: String) throws -> LimitKind {
        guard let kind = LimitKind(rawValue: name) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "the key \(id) has an unknown limit, \(name)")
        }
        return kind
    }

    private static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    private static func value<Value: Decodable>(_ type: Value.Type, of text: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }
}
