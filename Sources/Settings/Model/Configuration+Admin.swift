extension Configuration {
    /// The admin listener.
    package struct Admin: Sendable, Equatable {
        /// `listen`: a loopback address where there is no token.
        package var listen = ListenAddress(host: "127.0.0.1", port: 8081)
        /// `token`
        package var token: Secret?

        static var members: [Member<Admin>] {
            [
                .listener,
                Member(
                    optional: \.token, "token", .headerSecret,
                    "Token that clients of the admin API send as `Authorization: Bearer TOKEN`. Without one, `listen` "
                        + "must be a loopback address."),
            ]
        }
    }
}
