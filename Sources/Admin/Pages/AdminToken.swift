import HTTP1

/// The bearer token of the admin pages (RFC 6750, section 2.1).
struct AdminToken: Sendable {
    private let token: [UInt8]

    init(_ token: String) { self.token = Array(token.utf8) }

    /// Returns true where the header `authorization` has the token.
    func isIn(_ fields: HeaderFields) -> Bool {
        guard let value = fields.first("authorization"), fields.hasPrefix(value, "bearer ") else { return false }
        return isEqual(to: fields.bytes[(value.lowerBound + 7)..<value.upperBound])
    }

    /// Compares every byte of the token, so that the duration does not tell the number of right bytes.
    func isEqual(to candidate: some Collection<UInt8>) -> Bool {
        guard candidate.count == token.count else { return false }
        return zip(candidate, token).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
