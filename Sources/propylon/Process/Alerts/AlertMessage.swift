import Clocks
import Policy
import Settings

/// An event as recipients of alerts get it.
struct AlertMessage: Sendable {
    /// The facts of the gateway that every message states.
    struct Origin: Sendable {
        /// `machine_name`
        let gateway: String
        /// Times in the zone of the configuration.
        let time: TimeText

        init(_ configuration: Configuration) {
            gateway = configuration.machineName
            time = configuration.timeText
        }
    }

    /// The id, the same for each attempt and each recipient. It has no full stop, which separates what is signed.
    let id: String
    /// The moment of the event.
    let at: Timestamp
    /// The event in words, with the name of its subject.
    let title: String
    private let kind: EventKind
    /// The facts by their names, which do not repeat.
    let data: [(name: String, value: JSONText)]

    /// The message about `numbered`.
    init(_ numbered: NumberedEvent, from origin: Origin) {
        let event = numbered.event
        // Numbers begin anew in another data folder, and a restored one has the events of its backup.
        id = "evt_\(numbered.number)_\(event.at.microseconds)"
        at = event.at
        kind = event.kind
        title = "\(event.kind.summary): \(numbered.keyName ?? event.subject)\(Self.limit(of: event))"
        data = Self.data(numbered, origin)
    }

    /// The body of a webhook: type, time and data (Standard Webhooks, "Payload structure").
    var json: JSONText {
        .object([("type", .string(kind.rawValue)), ("timestamp", .string(at.utcText)), ("data", .object(data))])
    }

    /// As ` (80 % of 2 EUR a day)`; empty for an event that is about no limit.
    private static func limit(of event: Event) -> String {
        guard case .text(let limit) = event["limit_text"] else { return "" }
        guard case .number(let percent) = event["percent"] else { return " (\(limit))" }
        return " (\(percent) % of \(limit))"
    }

    private static func data(_ numbered: NumberedEvent, _ origin: Origin) -> [(name: String, value: JSONText)] {
        let event = numbered.event
        var data: [(name: String, value: JSONText)] = [
            ("gateway", .string(origin.gateway)), ("number", .integer(numbered.number)),
            ("severity", .string(event.kind.severity.rawValue)), ("message", .string(event.kind.summary)),
            ("subject", .string(event.subject)), ("subject_name", .optional(numbered.keyName)),
            ("team", .optional(numbered.keyTeam)), ("cause", .optional(event.cause?.rawValue)),
            ("meaning", .optional(event.cause?.meaning)), ("detail", .optional(event.detail)),
            ("count", .integer(event.count)), ("at_local", .string(origin.time.string(event.at))),
            ("time_zone", .string(origin.time.zone.identifier)),
        ]
        for fact in event.facts where !data.contains(where: { $0.name == fact.name }) {
            switch fact.value {
            case .text(let text): data.append((fact.name, .string(text)))
            case .number(let number): data.append((fact.name, .integer(number)))
            case .time(let moment):
                data.append((fact.name, .string(moment.utcText)))
                data.append(("\(fact.name)_local", .string(origin.time.string(moment))))
            }
        }
        return data
    }
}

extension AlertMessage {
    /// The message of `propylon alerts test`.
    init(testAt now: Timestamp, from origin: Origin) {
        self.init(NumberedEvent(0, Event(at: now, .alertsTest, "propylon"), keyName: nil), from: origin)
    }
}
