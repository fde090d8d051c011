import Clocks
import Policy
import Store
import Transport

/// Creates secrets of keys. The store keeps their digests; each secret is shown once.
enum KeyIssuance {
    /// Creates a key in `store`. Blocks for a transaction.
    static func create(
        name: String, tier: String, team: String?, expiresAt: Timestamp?, models: [String]?,
        limits: KeyLimits = KeyLimits(), in store: KeyStore, at now: Timestamp
    ) throws(LedgerError) -> APIKey {
        let key = APIKey.generate()
        try store.create(
            KeyRecord(
                id: key.id, name: name, tier: tier, team: team, models: models, createdAt: now,
                expiresAt: expiresAt, limits: limits, digest: digest(of: key)))
        return key
    }

    /// Gives the key `id` a new secret. The old one works until `graceUntil`, and older ones until their own ends. Blocks for a
    /// transaction.
    static func rotate(
        _ id: String, graceUntil: Timestamp, in store: KeyStore, at now: Timestamp
    ) throws(LedgerError) -> (key: APIKey, record: KeyRecord) {
        let key = APIKey.rotated(id: id)
        return (key, try store.rotate(id, newDigest: digest(of: key), graceUntil: graceUntil, at: now))
    }

    /// The digest that the store keeps.
    static func digest(of key: APIKey) -> KeyDigest {
        let words = sha256(Array(key.reveal().utf8).span)
        return KeyDigest(words.0, words.1, words.2, words.3)
    }
}
