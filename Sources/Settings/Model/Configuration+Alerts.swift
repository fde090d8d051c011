extension Configuration {
    /// Recipients of alerts.
    package struct Alerts: Sendable, Equatable {
        /// `webhook`: an http or https URL. It may hold a token, so it is a secret.
        package var webhook: Secret?
        /// `secret`
        package var secret: Secret?

        static var members: [Member<Alerts>] {
            [
                Member(
                    optional: \.webhook, "webhook", .secretURL,
                    "URL that alerts are posted to, as JSON. Up to five attempts each.",
                    example: """
                        alerts:
                          webhook: https://hooks.example.com/propylon
                          secret: ${file:/run/secrets/propylon_alerts}
                        """),
                Member(
                    optional: \.secret, "secret", .secret,
                    "Key of the HMAC-SHA256 of the body, sent as `x-propylon-signature: sha256=…` in hexadecimal digits."
                ),
            ]
        }
    }
}
