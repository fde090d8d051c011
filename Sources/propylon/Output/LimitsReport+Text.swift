import Admin

extension LimitsReport {
    /// The report as a table, with times in the zone of `time`.
    func text(_ time: TimeText) throws(TimeText.Problem) -> String {
        guard !limits.isEmpty else { return "No limit applies.\n" }
        var table = TextTable([
            ("WHOSE", .left), ("LIMIT", .left), ("USED", .right), ("RESERVED", .right), ("LEFT", .right),
            ("ALLOWED", .right),
            ("%", .right), ("FROM", .left), ("UNTIL", .left),
        ])
        for limit in limits {
            var cells = [
                limit.owner, limit.limit, limit.used, limit.reserved, limit.left, limit.allowed, String(limit.percent),
            ]
            for moment in [limit.windowStart, limit.windowEnd] {
                // Without the year, which the windows of now do not need.
                cells.append(
                    try moment.map { text throws(TimeText.Problem) in
                        String(time.minute(try time.moment(text)).dropFirst(5))
                    } ?? "-")
            }
            table.add(cells, style: limit.percent >= 100 ? .red : limit.percent >= 80 ? .yellow : nil)
        }
        return table.text
    }
}

extension LimitsReport.Limit {
    /// Whose limit it is, as `ada (0123abcdef) user bob` or `team red`.
    fileprivate var owner: String {
        let named = [("model ", model), ("user ", user.map { $0.isEmpty ? "-" : $0 })]
        let key = name.map { name in subject.map { "\(name) (\($0))" } ?? name }
        let whose = key ?? ([scope] + [subject].compactMap(\.self)).joined(separator: " ")
        return ([whose] + named.compactMap { kind, name in name.map { kind + $0 } }).joined(separator: " ")
    }
}
