import Policy

extension Configuration {
    /// Counting of usage.
    package struct Metering: Sendable, Equatable {
        /// `on_disconnect`
        package var onDisconnect = OnDisconnect.cancel
        /// `user_header`: in lower case.
        package var userHeader = "x-propylon-user"
        /// `retention`: nil to keep every row.
        package var retention: Duration? = .seconds(400 * 86_400)

        static var members: [Member<Metering>] {
            [
                Member(
                    \.onDisconnect, "on_disconnect", .choice,
                    "After a client disconnects within a response: `cancel` stops the upstream at once and estimates the "
                        + "usage; `finish` reads it to its end, within bounds, for exact usage."),
                Member(
                    \.userHeader, "user_header", .freeHeaderName,
                    "Request header that names the user, where the `user` of the body does not."),
                Member(
                    optional: \.retention, "retention", .duration(.hours(24)...(.hours(24 * 36_500))),
                    "Age at which rows of the ledger are folded into daily totals. `null` keeps every row."),
            ]
        }
    }
}
