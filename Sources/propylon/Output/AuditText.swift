import Store

/// The audit log on the command line and in the admin API.
struct AuditText {
    private let time: TimeText

    /// Times are in the zone of `time`.
    init(_ time: TimeText) { self.time = time }

    /// One line for each entry.
    func table(_ entries: [AuditEntry]) -> String {
        guard !entries.isEmpty else { return "There is no change.\n" }
        var table = TextTable([
            ("TIME", .left), ("BY", .left), ("FROM", .left), ("ACTION", .left), ("KEY", .left), ("NAME", .left),
            ("BEFORE", .left), ("AFTER", .left),
        ])
        for entry in entries {
            table.add([
                time.string(entry.at), entry.actor.name, entry.actor.origin, entry.action, entry.subject?.id ?? "-",
                entry.subject?.name ?? "-", entry.before, entry.after,
            ])
        }
        return table.text
    }

    /// One entry, for scripts.
    func json(_ entry: AuditEntry) -> JSONText {
        .object([
            ("number", .integer(entry.number)), ("at", .string(time.string(entry.at))),
            ("by", .string(entry.actor.name)), ("from", .string(entry.actor.origin)),
            ("action", .string(entry.action)), ("key", .optional(entry.subject?.id)),
            ("key_name", .optional(entry.subject?.name)), ("before", .raw(entry.before)), ("after", .raw(entry.after)),
        ])
    }
}
