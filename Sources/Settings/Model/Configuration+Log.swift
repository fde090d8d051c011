extension Configuration {
    /// The log and the access log.
    package struct Log: Sendable, Equatable {
        /// `level`
        package var level = LogLevel.info
        /// `format`: nil for text on a terminal and JSON elsewhere.
        package var format: LogFormat?
        /// `access`
        package var access = true
        /// `access_file`: nil for standard error.
        package var accessFile: String?

        static var members: [Member<Log>] {
            [
                Member(\.level, "level", .choice, "The least severe messages that are written."),
                Member(
                    optional: \.format, "format", .choice,
                    "Format of messages and of the access log. `null` is `text` on a terminal and `json` elsewhere. Times are in "
                        + "`time_zone` in `text`, and in UTC in `json`.",
                    takesEffect: .restart),
                Member(
                    \.access, "access", .boolean,
                    "The access log: one line for each request, never with prompts, responses or keys.",
                    takesEffect: .restart),
                Member(
                    optional: \.accessFile, "access_file", .path,
                    "File of the access log; `null` for standard error. Reopened on `SIGHUP` and `SIGUSR1`, so that "
                        + "logrotate can move it away.",
                    takesEffect: .restart),
            ]
        }
    }

    /// Severities of messages, by the names of swift-log.
    package enum LogLevel: String, Sendable, CaseIterable {
        case trace, debug, info, notice, warning, error, critical
    }

    /// Formats of messages.
    package enum LogFormat: String, Sendable, CaseIterable {
        /// One JSON object a line.
        case json
        /// One line for people.
        case text
    }
}
