import Policy
import Yams

extension Configuration {
    /// Counting of usage.
    package struct Metering: Sendable, Equatable {
        /// `on_disconnect`
        package var onDisconnect = OnDisconnect.cancel
        /// `user_header`: in lower case.
        package var userHeader = "x-propylon-user"
        /// `session_headers`: in the order of their names, each once.
        package var sessionHeaders: [SessionSource] = []
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
                .sessionHeaders,
                Member(
                    optional: \.retention, "retention", .duration(.hours(24)...(.hours(24 * 36_500))),
                    "Age at which rows of the ledger are folded into daily totals. `null` keeps every row."),
            ]
        }
    }
}

extension Member<Configuration.Metering> {
    fileprivate static var sessionHeaders: Self {
        let format = ValueFormat<SessionSource.Use>.choice
        return Self(
            \.sessionHeaders, "session_headers",
            reference: { _ in
                MemberReference(
                    name: "session_headers", form: "table, by header: \(format.form)", default: "`{}`",
                    meaning:
                        "Request headers by which programs name their session: `tag` adds the value to the tags of the "
                        + "request, `user` makes it the user where the client names none (of several the first by name). "
                        + "`metadata.user_id` is the member of Messages bodies, the user unless it is to be a `tag`. These "
                        + "values are bounded as other tags and users are, and are not in the access log.",
                    example: """
                        metering:
                          session_headers: { x-claude-code-session-id: tag, session-id: tag, metadata.user_id: user }
                        """, chosenName: "HEADER")
            },
            read: { section, metering in
                var sources: [SessionSource] = []
                for (name, node) in section.table("session_headers") {
                    guard let name = node.name(name, .freeHeaderName), let use = node.value(format) else { continue }
                    if sources.contains(where: { $0.name == name }) {
                        node.report("names a header a second time")
                    } else {
                        sources.append(SessionSource(name: name, use: use))
                    }
                }
                metering.sessionHeaders = sources.sorted { $0.name < $1.name }
            },
            write: { Node(table: $0.sessionHeaders.map { (key: $0.name, value: format.node($0.use)) }) })
    }
}
