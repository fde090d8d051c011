import HTTP1

/// The conditions under which the admin listener answers. A reload replaces them as a whole.
package struct AdminAccess: Sendable {
    let hosts: AdminHosts
    private let tokens: [AdminToken]

    /// - Parameters:
    ///   - tokens: The bearer tokens, one of which all pages but the health pages require; none where everybody may call.
    ///   - listen: The host of the listener's address, without brackets.
    ///   - hosts: Further hosts by which clients may call it, in lower case and without brackets.
    package init(tokens: [AdminToken], listen: String, hosts: [String]) {
        self.tokens = tokens
        self.hosts = AdminHosts(listen: listen, further: hosts)
    }

    /// The client that sends `fields`; nil without a token that is known.
    ///
    /// Compares with every token, so that the duration does not tell which of them is near.
    func caller(sending fields: HeaderFields) -> AdminCaller? {
        guard !tokens.isEmpty else { return .anonymous }
        guard let bytes = AdminToken.bytes(in: fields) else { return nil }
        return tokens.reduce(nil) { found, token in token.isEqual(to: bytes) ? token.caller : found }
    }
}
