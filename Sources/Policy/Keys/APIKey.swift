/// A local key with its secret: `sk-ppl-<id>-<secret>`. It cannot be printed by accident: its descriptions end after the id.
package struct APIKey: Sendable {
    /// The public id for logs and reports: 10 characters of lower-case base32 without look-alikes.
    package let id: String
    private let secret: String

    private static let prefix: StaticString = "sk-ppl-"
    /// Crockford's alphabet, without i, l, o and u, so that an id can be read aloud.
    private static let idDigits: StaticString = "0123456789abcdefghjkmnpqrstvwxyz"
    private static let idLength = 10
    private static let secretDigits: StaticString = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    /// Characters of the secret. 62⁴³ > 2²⁵⁶.
    package static let secretLength = 43
    /// Bytes of a whole key.
    package static let length = prefix.utf8CodeUnitCount + idLength + 1 + secretLength
    /// The bytes that every key begins with.
    package static let prefixBytes = Array("\(prefix)".utf8)

    /// A new key with a new id (50 random bits) and a new secret (256 random bits).
    ///
    /// All chance is the system's, which is cryptographically secure: no key can be made of a lesser generator.
    package static func generate() -> APIKey { rotated(id: text(of: idLength, from: idDigits)) }

    /// A new secret, as secure, for the key `id`, which comes from `generate`.
    package static func rotated(id: String) -> APIKey {
        APIKey(id: id, secret: text(of: secretLength, from: secretDigits))
    }

    /// The whole key, to show to its owner once and to hash. Use it for nothing else.
    package func reveal() -> String { "\(Self.prefix)\(id)-\(secret)" }

    /// Returns true where `text` has the length, the prefix and the characters of a key. Cheap: call it before hashing.
    package static func isWellFormed(_ text: Span<UInt8>) -> Bool {
        guard text.count == length else { return false }
        let prefixLength = prefix.utf8CodeUnitCount
        for index in 0..<prefixLength where text[index] != prefix.utf8Start[index] { return false }
        for index in prefixLength..<prefixLength + idLength where !isIDDigit(text[index]) { return false }
        guard text[prefixLength + idLength] == UInt8(ascii: "-") else { return false }
        for index in prefixLength + idLength + 1..<text.count where !isSecretDigit(text[index]) { return false }
        return true
    }

    private static func isIDDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "i"), UInt8(ascii: "l"), UInt8(ascii: "o"), UInt8(ascii: "u"): false
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        default: false
        }
    }

    private static func isSecretDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }

    private static func text(of length: Int, from digits: StaticString) -> String {
        let bytes = (0..<length).map { _ in digits.utf8Start[.random(in: 0..<digits.utf8CodeUnitCount)] }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension APIKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "\(Self.prefix)\(id)-…" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["id": id]) }
}
