import Admin

extension StatusReport {
    /// The report for people, a line for each fact.
    var text: String {
        var facts = [
            ("version", version), ("uptime", "\(uptimeSeconds) s"), ("listening", listening.joined(separator: ", ")),
            ("upstream", upstream), ("connections", String(connections)),
            ("ledger", "\(pendingRows) rows not on the disk yet"),
            ("ready", ready ? "yes" : TextStyles.output.text("no: " + reasons.joined(separator: "; "), .red)),
        ]
        for warning in warnings ?? [] { facts.append(("warning", TextStyles.output.text(warning, .yellow))) }
        return facts.map { name, value in
            name + String(repeating: " ", count: 13 - name.count) + value + "\n"
        }.joined()
    }
}
