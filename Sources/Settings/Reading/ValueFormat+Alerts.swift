import Bytes
import Policy

extension ValueFormat<NamePattern> {
    /// A kind of event, or a pattern of kinds.
    static var eventPattern: Self {
        Self(
            form: "kind of event, or a pattern as `limit.*`", isText: true,
            read: { text throws(ParseProblem) in
                let pattern = NamePattern(text)
                guard EventKind.matching([pattern]).isEmpty else { return pattern }
                throw ParseProblem(
                    "is no kind of event, and a pattern of none; config/events.md lists them",
                    suggestion: Suggestion.nearest(to: text, among: EventKind.allCases.map(\.rawValue)))
            }, write: { $0.text })
    }
}

extension ValueFormat<Secret> {
    /// The secret of a webhook (Standard Webhooks, "Signature scheme"): `whsec_` and 24 to 64 bytes in Base64.
    static var webhookSecret: Self {
        Self(
            form: "secret, `whsec_` and 24 to 64 bytes in Base64", isSecret: true, isText: true,
            read: { text throws(ParseProblem) in
                let secret = try Self.secret.read(text)
                guard let count = secret.webhookKey?.count, (24...64).contains(count) else {
                    throw ParseProblem(
                        "must be whsec_ and 24 to 64 bytes in Base64; make one with: echo whsec_$(openssl rand -base64 32)"
                    )
                }
                return secret
            }, write: { $0.description })
    }
}

extension Secret {
    /// The bytes of a webhook's secret; nil for another text.
    package var webhookKey: [UInt8]? {
        let text = reveal()
        guard text.hasPrefix("whsec_") else { return nil }
        return Base64.decoded(text.dropFirst("whsec_".count).utf8)
    }
}

extension ValueFormat<String> {
    /// An address of mail, fit for a command line and for the head of a message: `LOCAL@DOMAIN`, both of the characters of a token.
    static var mailAddress: Self {
        Self(
            form: "mail address", isText: true,
            read: { text throws(ParseProblem) in
                let parts = text.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
                let isWhole =
                    parts.count == 2 && text.utf8.count <= 254 && text.utf8.first != ASCII.hyphen
                    && parts.allSatisfy { part in !part.isEmpty && part.allSatisfy(ASCIISet.token.contains) }
                guard isWhole else { throw ParseProblem("must be a mail address, as admin@example.com") }
                return text
            }, write: { $0 })
    }
}
