import Admin

extension StatusReport {
    /// The report for people, a line for each fact, with times in the zone of `time`.
    func text(_ time: TimeText) throws(TimeText.Problem) -> String {
        var facts = [
            ("version", version), ("uptime", "\(uptimeSeconds) s"), ("listening", listening.joined(separator: ", ")),
            ("upstream", upstream), ("connections", String(connections)),
            ("ledger", "\(pendingRows) rows not on the disk yet"),
            ("ready", ready ? "yes" : TextStyles.output.text("no: " + reasons.joined(separator: "; "), .red)),
        ]
        for warning in warnings ?? [] { facts.append(("warning", TextStyles.output.text(warning, .yellow))) }
        for state in states ?? [] { facts.append(("state", try state.text(time))) }
        return facts.map { name, value in
            name + String(repeating: " ", count: 13 - name.count) + value + "\n"
        }.joined()
    }
}

extension StatusReport.State {
    /// As `https://upstream, key 1: works, last success …, last failure … (upstream_key_limited: …)`.
    fileprivate func text(_ time: TimeText) throws(TimeText.Problem) -> String {
        var parts = [failing ? "fails" : lastSuccess == nil ? "not used yet" : "works"]
        if let restsUntil { parts.append("rests until " + time.string(try time.moment(restsUntil))) }
        if let lastSuccess { parts.append("last success " + time.string(try time.moment(lastSuccess))) }
        if let lastFailure, let cause {
            let reason = cause + (detail.map { ": \($0)" } ?? "")
            parts.append("last failure \(time.string(try time.moment(lastFailure))) (\(reason))")
        }
        return name + ": " + parts.joined(separator: ", ")
    }
}
