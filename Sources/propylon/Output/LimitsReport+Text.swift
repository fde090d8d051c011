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
                    ([limit.scope] + (limit.subject.map { [$0] } ?? [])).joined(separator: " "), limit.tier,
                    limit.limit, limit.allowed, limit.used, limit.reserved, limit.left,
                ] + local)
        }
        return table.text
    }
}
