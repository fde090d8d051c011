import Admin

extension LimitsReport {
    /// The report as a table, with times in the zone of `time`.
    func text(_ time: TimeText) throws(TimeText.Problem) -> String {
        guard !limits.isEmpty else { return "No limit applies.\n" }
        var table = TextTable([
            ("WHOSE", .left), ("TIER", .left), ("LIMIT", .left), ("ALLOWED", .right), ("USED", .right),
            ("RESERVED", .right), ("LEFT", .right), ("FROM", .left), ("UNTIL", .left),
        ])
        for limit in limits {
            let window = [limit.windowStart, limit.windowEnd]
            var local: [String] = []
            for moment in window {
                local.append(
                    try moment.map { text throws(TimeText.Problem) in time.string(try time.moment(text)) } ?? "-")
            }
            table.add(
                [
                    limit.owner, limit.tier, limit.limit, limit.allowed, limit.used, limit.reserved, limit.left,
                ] + local)
        }
        return table.text
    }
}

extension LimitsReport.Limit {
    /// Whose limit it is, as `key 0123abcdef user ada`.
    fileprivate var owner: String {
        let named = [("", subject), ("model ", model), ("user ", user.map { $0.isEmpty ? "-" : $0 })]
        return ([scope] + named.compactMap { kind, name in name.map { kind + $0 } }).joined(separator: " ")
    }
}
