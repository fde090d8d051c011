/// Checks of the recipients of alerts.
extension Configuration {
    /// Reports recipients that nothing could be sent to, and webhooks that could not be told apart.
    func checkAlerts(_ diagnostics: Diagnostics) {
        func report(_ path: String, _ section: String, _ message: String) {
            guard !diagnostics.isUnknown(path) else { return }
            let position = diagnostics.positions[path] ?? diagnostics.positions[section]
            diagnostics.report(ParseProblem(message), at: position ?? .start, path: path)
        }
        for (index, webhook) in alerts.webhooks.enumerated() {
            let path = "alerts.webhooks[\(index)]"
            if webhook.url == nil { report("\(path).url", path, "is missing") }
            if let url = webhook.url, alerts.webhooks[..<index].contains(where: { $0.url == url }) {
                report("\(path).url", path, "another webhook has this URL; put the events of both into one list")
            }
            // Of a list, each wrong element is reported already.
            if webhook.secrets.isEmpty, !diagnostics.isUnknown("\(path).secret[0]") {
                report("\(path).secret", path, "is missing; make one with: echo whsec_$(openssl rand -base64 32)")
            }
            if webhook.events.isEmpty, !diagnostics.isUnknown("\(path).events[0]") {
                report("\(path).events", path, "is empty, so that nothing is sent; leave it out for all events")
            }
        }
        guard let email = alerts.email else { return }
        if email.to.isEmpty, !diagnostics.isUnknown("alerts.email.to[0]") {
            report("alerts.email.to", "alerts.email", "is missing")
        }
        if email.from.isEmpty { report("alerts.email.from", "alerts.email", "is missing") }
        if email.events.isEmpty, !diagnostics.isUnknown("alerts.email.events[0]") {
            report(
                "alerts.email.events", "alerts.email", "is empty, so that nothing is sent; leave it out for all events")
        }
    }
}
