import Admin
import Policy

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
        if let lostEvents, lostEvents > 0 {
            let text = "\(lostEvents) lost since the start: too many waited for the ledger"
            facts.append(("events", TextStyles.output.text(text, .yellow)))
        }
        for state in states ?? [] { facts.append(("state", try state.text(time))) }
        for certificate in certificates ?? [] { facts.append(("certificate", try certificate.text(time))) }
        for key in expiringKeys ?? [] { facts.append(("key", try key.text(time))) }
        let others = (expiringKeyCount ?? 0) - (expiringKeys ?? []).count
        if others > 0 { facts.append(("keys", "\(others) more expire within \(Expiring.Kind.key.soon) days")) }
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

extension StatusReport.Certificate {
    /// As `0.0.0.0:8443: expires on … (CN=gateway.example in /etc/tls/chain.pem)`.
    fileprivate func text(_ time: TimeText) throws(TimeText.Problem) -> String {
        let place = use == "certificate" ? owner : "\(owner) \(use)"
        let end = time.string(try time.moment(expiresAt))
        let text =
            "\(place): \(secondsLeft > 0 ? "expires on" : "has expired on") \(end) (\(subject) in \(file))"
        if secondsLeft <= 0 { return TextStyles.output.text(text, .red) }
        return Duration.seconds(secondsLeft) > .days(Expiring.Kind.certificate.soon)
            ? text : TextStyles.output.text(text, .yellow)
    }
}

extension StatusReport.ExpiringKey {
    /// As `ada (abcdefghjk) expires on …`.
    fileprivate func text(_ time: TimeText) throws(TimeText.Problem) -> String {
        TextStyles.output.text("\(name) (\(id)) expires on \(time.string(try time.moment(expiresAt)))", .yellow)
    }
}
