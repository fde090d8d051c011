import Policy
import Transport

extension APIKey {
    /// The digest that the store keeps in place of the secret.
    var digest: KeyDigest { KeyDigest(sha256(Array(reveal().utf8).span)) }
}
