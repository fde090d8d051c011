import HTTP1

/// A bearer token of the admin listener (RFC 6750, section 2.1).
package struct AdminToken: Sendable {
    let caller: AdminCaller
    private let token: [UInt8]

    /// The token `token` of `caller`.
    package init(_ token: String, of caller: AdminCaller) {
        self.token = Array(token.utf8)
        self.caller = caller
    }

    /// The token in the header `authorization`; nil without one.
    static func bytes(in fields: HeaderFields) -> ArraySlice<UInt8>? {
        guard let value = fields.first("authorization"), fields.hasPrefix(value, "bearer ") else { return nil }
        return fields.bytes[(value.lowerBound + 7)..<value.upperBound]
    }

    /// Compares every byte of the token, so that the duration does not tell the number of right bytes.
    func isEqual(to candidate: some Collection<UInt8>) -> Bool {
        guard candidate.count == token.count else { return false }
        return zip(candidate, token).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
