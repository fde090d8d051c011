import Clocks

/// A recipient of alerts, as the store knows it: no URL, address or secret is there.
package struct AlertRecipient: Sendable, Equatable {
    /// The identity over restarts: the digest of a webhook's URL, or `email`.
    package let id: String
    /// The name for people, as `webhook 1`.
    package let name: String
    /// The kinds of events that it gets.
    package let kinds: [EventKind]

    /// The recipient `name` of events of `kinds`.
    package init(id: String, name: String, kinds: [EventKind]) {
        self.id = id
        self.name = name
        self.kinds = kinds
    }
}

/// How far a recipient has got.
package struct AlertProgress: Sendable, Equatable {
    /// The number of the last event that was delivered, given up, or there before the recipient.
    package var position: Int64
    /// Failed attempts since the last success.
    package var failures: Int64 = 0
    /// The reason of the last failure; nil after a success.
    package var lastError: String?
    /// The moment of the last attempt; nil without one.
    package var triedAt: Timestamp?
    /// The moment of the next attempt; nil where none is waited for.
    package var nextAt: Timestamp?

    /// No attempt since the event with the number `position`.
    package init(position: Int64) { self.position = position }
}

/// The alerts of a recipient that wait, for people.
package struct PendingAlerts: Sendable, Equatable {
    /// The name of the recipient.
    package let name: String
    /// How far it has got.
    package let progress: AlertProgress
    /// The number of alerts that wait.
    package let count: Int64
    /// The first of them; nil without any.
    package let first: NumberedEvent?

    /// The alerts of the recipient `name`.
    package init(name: String, progress: AlertProgress, count: Int64, first: NumberedEvent?) {
        self.name = name
        self.progress = progress
        self.count = count
        self.first = first
    }
}
