import Clocks
import HTTP1
import OpenAIAPI
import Policy
import Transport

extension RequestPipeline {
    /// Finds the key of the request.
    @inline(never)
    func authenticate() throws(RequestFailure) {
        details.key = try Gateway.authenticate(
            exchange.head.fields, among: gateway.keys.keys, at: details.startedAt)
    }
}

extension Gateway {
    /// The key that `fields` name in `Authorization: Bearer`, the only place where a key is accepted.
    static func authenticate(
        _ fields: HeaderFields, among keys: KeySnapshot, at now: Timestamp
    ) throws(RequestFailure) -> KeyRecord {
        guard let value = fields.first("authorization"), fields.hasPrefix(value, "bearer ") else {
            throw .refused(.missingAPIKey)
        }
        let digest = fields.withSpan(value.lowerBound + 7..<value.upperBound) { text -> KeyDigest? in
            APIKey.isWellFormed(text) ? KeyDigest(sha256(text)) : nil
        }
        guard let digest else { throw .refused(.invalidAPIKey) }
        do throws(KeyRefusal) {
            return try keys.authenticate(digest, at: now)
        } catch { throw .key(error) }
    }
}
