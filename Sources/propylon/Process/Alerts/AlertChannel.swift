/// The way to a recipient of alerts: a webhook or mail.
protocol AlertChannel: Sendable {
    /// Delivers `message` once, within a bound of time.
    func deliver(_ message: AlertMessage) async -> AlertOutcome
}

/// The outcome of an attempt to deliver an alert. Texts have no secret.
enum AlertOutcome: Sendable, Equatable {
    /// The recipient has it, and says so.
    case delivered(String)
    /// It may be tried again, not before the pause that the recipient asks for.
    case failed(String, pause: Duration? = nil)
    /// The recipient wants no more alerts.
    case gone(String)

    /// True where the recipient has it.
    var isDelivered: Bool { if case .delivered = self { true } else { false } }

    /// The outcome in words.
    var text: String {
        switch self {
        case .delivered(let text), .failed(let text, _), .gone(let text): text
        }
    }
}
