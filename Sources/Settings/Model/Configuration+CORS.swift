extension Configuration {
    /// Browser apps.
    package struct CORS: Sendable, Equatable {
        /// `origins`
        package var origins: [String] = []

        static var members: [Member<CORS>] {
            [
                Member(
                    list: \.origins, "origins", .origin,
                    "Origins of browser apps that may use the gateway; `*` for every one.",
                    example: """
                        cors:
                          origins: ["https://chat.example.com"]
                        """)
            ]
        }
    }
}

extension ValueFormat<String> {
    /// The origin of a web page as browsers send it: scheme, host and port, and no path; or `*`.
    fileprivate static var origin: Self {
        Self(
            form: "origin, or `*`", isText: true,
            read: { text throws(ParseProblem) in
                guard text != "*" else { return text }
                let url = try UpstreamURL(parsing: text)
                guard url.path.isEmpty else { throw ParseProblem("an origin has no path", suggestion: url.origin) }
                guard url.origin == text else {
                    throw ParseProblem("is not how browsers write this origin", suggestion: url.origin)
                }
                return text
            }, write: { $0 })
    }
}

extension UpstreamURL {
    /// The URL's origin (RFC 6454, section 6.2).
    fileprivate var origin: String { String(text.dropLast(path.utf8.count)).lowercased() }
}
