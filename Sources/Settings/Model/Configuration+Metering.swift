import Policy

extension Configuration {
    /// Counting of usage.
    package struct Metering: Sendable, Equatable {
        /// `on_disconnect`
        package var onDisconnect = OnDisconnect.finish
        /// `user_header`: in lower case.
        package var userHeader = "x-propylon-user"
        /// `retention`: nil to keep every row.
        package var retention: Duration? = .seconds(400 * 86_400)

        static var members: [Member<Metering>] {
            [
                Member(
                    \.onDisconnect, "on_disconnect", .choice,
                    "After a client disconnects within a response: `finish` reads the upstream to its end, within bounds, for "
                        + "exact usage; `cancel` stops at once and estimates."),
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
