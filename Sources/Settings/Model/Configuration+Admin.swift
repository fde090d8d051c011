extension Configuration {
    /// The admin listener.
    package struct Admin: Sendable, Equatable {
        /// `listen`: a loopback address where there is no token.
        package var listen = ListenAddress(host: "127.0.0.1", port: 8081)
        /// `token`
        package var token: Secret?
        /// `hosts`: in lower case, IPv6 addresses without brackets.
        package var hosts: [String] = []

        static var members: [Member<Admin>] {
            [
                .listener,
                Member(
                    optional: \.token, "token", .headerSecret,
                    "Token that clients of the admin API send as `Authorization: Bearer TOKEN`. Without one, `listen` "
                        + "must be a loopback address."),
                Member(
                    list: \.hosts, "hosts", .hostName,
                    "Further hosts by which clients may call the admin listener, against DNS rebinding. `localhost`, loopback "
                        + "addresses and the address of `listen` are always accepted, and every IP address where `listen` is "
                        + "`0.0.0.0` or `[::]`."),
            ]
        }
    }
}
