import Policy

extension Configuration {
    /// The admin listener.
    package struct Admin: Sendable, Equatable {
        /// `listen`: a loopback address where there is no token.
        package var listen = ListenAddress(host: "127.0.0.1", port: 8081)
        /// `token`
        package var token: Secret?
        /// `tokens`: each with a name of its own, which is not `admin`, and a token.
        package var tokens: [Token] = []
        /// `hosts`: in lower case, IPv6 addresses without brackets.
        package var hosts: [String] = []

        /// True where clients need a token.
        package var hasTokens: Bool { token != nil || !tokens.isEmpty }

        static var members: [Member<Admin>] {
            [
                .listener,
                Member(
                    optional: \.token, "token", .headerSecret,
                    "Token that clients of the admin API send as `Authorization: Bearer TOKEN`. Without one, `listen` "
                        + "must be a loopback address."),
                Member(
                    sections: \.tokens, "tokens", Token.members, Token(),
                    "Further tokens, each with a name for the audit log and with fewer rights.",
                    example: """
                        admin:
                          tokens:
                            - { name: monitoring, token: "${file:/run/secrets/monitoring_token}", scope: read }
                            - { name: research, token: "${file:/run/secrets/research_token}", scope: "keys:team=research" }
                        teams:
                          research: { tier: tier-2 }
                        """),
                Member(
                    list: \.hosts, "hosts", .hostName,
                    "Further hosts by which clients may call the admin listener, against DNS rebinding. `localhost`, loopback "
                        + "addresses and the address of `listen` are always accepted, and every IP address where `listen` is "
                        + "`0.0.0.0` or `[::]`."),
            ]
        }
    }
    /// A token of `admin.tokens`.
    package struct Token: Sendable, Equatable {
        /// `name`
        package var name = ""
        /// `token`
        package var token: Secret?
        /// `scope`
        package var scope = AdminScope.read

        static var members: [Member<Token>] {
            [
                Member(\.name, "name", .printable(limit: 64), "Name of the token in the audit log. Must be given."),
                Member(
                    optional: \.token, "token", .headerSecret,
                    "The token, as `Authorization: Bearer TOKEN`. Must be given."),
                Member(
                    \.scope, "scope", .scope,
                    "`read` sees everything and changes nothing, `admin` changes everything, and `keys:team=NAME` sees and "
                        + "changes the keys of one team alone."),
            ]
        }
    }
}
