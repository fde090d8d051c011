import Policy

extension NumberedEvent {
    /// The event on one line for people, with times in the zone of `time`.
    func text(_ time: TimeText) -> String {
        let name = keyName.map { "\($0) (\(event.subject))" } ?? event.subject
        var parts = [time.string(event.at), event.kind.severity.rawValue, event.kind.rawValue, name]
        if event.count > 1 { parts.append("count=\(event.count)") }
        if let cause = event.cause { parts.append("cause=\(cause.rawValue)") }
        for fact in event.facts.sorted(by: { $0.name < $1.name }) {
            let value = if case .time(let moment) = fact.value { time.string(moment) } else { fact.value.text }
            parts.append("\(fact.name)=\(value)")
        }
        let line = parts.joined(separator: " ") + (event.detail.map { ": \($0)" } ?? "")
        return String(
            String.UnicodeScalarView(line.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }))
    }
}
