import Policy

/// Alerts that wait, on the command line and in the admin API.
struct AlertText {
    private let time: TimeText

    /// Times are in the zone of `time`.
    init(_ time: TimeText) { self.time = time }

    /// One line for each recipient.
    func table(_ recipients: [PendingAlerts]) -> String {
        guard !recipients.isEmpty else { return "There is no recipient of alerts.\n" }
        var table = TextTable([
            ("RECIPIENT", .left), ("WAITING", .right), ("FAILURES", .right), ("OLDEST", .left), ("AT", .left),
            ("LAST ATTEMPT", .left), ("NEXT ATTEMPT", .left), ("LAST ERROR", .left),
        ])
        for recipient in recipients {
            let progress = recipient.progress
            table.add([
                recipient.name, String(recipient.count), String(progress.failures),
                recipient.first?.event.kind.rawValue ?? "-", recipient.first.map { time.minute($0.event.at) } ?? "-",
                progress.triedAt.map(time.minute) ?? "-", progress.nextAt.map(time.minute) ?? "-",
                progress.lastError ?? "-",
            ])
        }
        return table.text
    }

    /// The recipients, for scripts.
    func json(_ recipients: [PendingAlerts]) -> JSONText {
        .array(
            recipients.map { recipient in
                let progress = recipient.progress
                return .object([
                    ("recipient", .string(recipient.name)), ("waiting", .integer(recipient.count)),
                    ("oldest", .optional(recipient.first?.event.kind.rawValue)),
                    ("oldest_at", .optional(recipient.first.map { time.string($0.event.at) })),
                    ("failures", .integer(progress.failures)), ("last_error", .optional(progress.lastError)),
                    ("last_attempt", .optional(progress.triedAt.map(time.string))),
                    ("next_attempt", .optional(progress.nextAt.map(time.string))),
                ])
            })
    }
}
