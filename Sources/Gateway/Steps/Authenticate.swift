import Bytes
import Clocks
import HTTP1
import OpenAIAPI
import Policy
import Transport

extension RequestPipeline {
    /// Finds the key of the request. Returns false where no key in memory has its secret.
    @inline(never)
    func authenticate() throws(RequestFailure) -> Bool {
        let digest = try Gateway.presentedDigest(in: exchange.head.fields)
        do throws(KeyRefusal) {
            details.key = try gateway.keys.keys.authenticate(digest, at: details.startedAt)
        } catch {
            guard error == .unknown else { throw .key(error) }
            return false
        }
        return true
    }

    /// Finds the key of the request in the store: it may have been created just now.
    @inline(never)
    func authenticateWithLatestKeys() async throws(RequestFailure) {
        let keys: KeySnapshot
        do throws(StoreUnavailable) { keys = try await gateway.keys.latestKeys() } catch { throw .storeUnavailable }
        details.key = try Gateway.authenticate(exchange.head.fields, among: keys, at: details.startedAt)
    }
}

extension Gateway {
    /// The key that `fields` name.
    ///
    /// `authorization` wins where it is present. Otherwise `x-api-key` (Anthropic's clients) or `api-key` (Azure's) has
    /// the key alone.
    static func authenticate(
        _ fields: HeaderFields, among keys: KeySnapshot, at now: Timestamp
    ) throws(RequestFailure) -> KeyRecord {
        let digest = try presentedDigest(in: fields)
        do throws(KeyRefusal) {
            return try keys.authenticate(digest, at: now)
        } catch { throw .key(error) }
    }

    /// The digest of the key that `fields` present, which has the form of one.
    static func presentedDigest(in fields: HeaderFields) throws(RequestFailure) -> KeyDigest {
        let value = try presentedKey(in: fields)
        let digest = fields.withSpan(value) { text -> KeyDigest? in
            APIKey.isWellFormed(text) ? KeyDigest(sha256(text)) : nil
        }
        guard let digest else { throw .refused(.invalidAPIKey) }
        return digest
    }

    /// The place of the text in `fields` that should be a key.
    static func presentedKey(in fields: HeaderFields) throws(RequestFailure) -> Range<Int> {
        if let value = try fields.only("authorization") {
            guard let key = fields.bearerToken(value) else { throw .refused(.missingAPIKey) }
            return key
        }
        if let value = try fields.only("x-api-key") { return value }
        if let value = try fields.only("api-key") { return value }
        throw .refused(.missingAPIKey)
    }
}

extension HeaderFields {
    /// The token of the credentials `Bearer TOKEN` at `value`, after one space or more (RFC 9110, section 11.4).
    fileprivate func bearerToken(_ value: Range<Int>) -> Range<Int>? {
        guard hasPrefix(value, "bearer ") else { return nil }
        var start = value.lowerBound + 7
        while start < value.upperBound, bytes[start] == ASCII.space { start += 1 }
        return start..<value.upperBound
    }

    /// The value of the field `name`, which may stand once; nil without it.
    func only(_ name: StaticString) throws(RequestFailure) -> Range<Int>? {
        do throws(HTTP1Error) { return try single(name) } catch { throw .malformed(error) }
    }
}
