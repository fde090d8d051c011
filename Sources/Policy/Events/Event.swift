import Clocks

/// A change of state, a refusal or a failure that an administrator wants to know. It holds no key, prompt or answer.
package struct Event: Sendable, Equatable {
    /// A further fact of an event, such as the limit or the end of a pause.
    package struct Fact: Sendable, Equatable {
        /// The value of a fact.
        package enum Value: Sendable, Hashable {
            case text(String)
            case number(Int64)
            case time(Timestamp)
        }

        /// The name in JSON, in snake case.
        package let name: String
        /// The value.
        package let value: Value

        /// The fact `name`.
        package init(_ name: String, _ value: Value) {
            self.name = name
            self.value = value
        }
    }

    /// The moment at which it was noticed.
    package var at: Timestamp
    /// The kind.
    package var kind: EventKind
    /// What it is about: the id of a key, the name of a team, the address of an upstream, a file.
    package var subject: String
    /// The cause; nil where the kind says all.
    package var cause: Cause?
    /// The particulars in words, such as the system's reason; nil without any.
    package var detail: String?
    /// The occurrences that it counts: at the end of a state, the failures in it.
    package var count: Int64
    /// Further facts, in their order.
    package var facts: [Fact]

    /// An event of `kind` about `subject`.
    package init(
        at: Timestamp, _ kind: EventKind, _ subject: String, cause: Cause? = nil, detail: String? = nil,
        count: Int64 = 1, facts: [Fact] = []
    ) {
        self.at = at
        self.kind = kind
        self.subject = subject
        self.cause = cause
        self.detail = detail
        self.count = count
        self.facts = facts
    }

    /// The value of the fact `name`; nil without it.
    package subscript(name: String) -> Fact.Value? { facts.first { $0.name == name }?.value }
}

/// An event in the store, with its number. Numbers ascend in time and are never used again.
package struct NumberedEvent: Sendable, Equatable {
    /// The number, which is the cursor of pages and the id of server-sent events.
    package let number: Int64
    /// The event.
    package let event: Event
    /// The name of the key that is the subject; nil for other subjects.
    package let keyName: String?
    /// The team of that key; nil without one.
    package let keyTeam: String?

    /// The event with the number `number`.
    package init(_ number: Int64, _ event: Event, keyName: String?, keyTeam: String? = nil) {
        self.number = number
        self.event = event
        self.keyName = keyName
        self.keyTeam = keyTeam
    }
}
