import Bytes
import Clocks

extension Event {
    /// A percentage of a limit was reached.
    package init(_ alert: LimitAlert, at now: Timestamp) {
        self.init(
            at: now, .limitReached, alert.subject,
            facts: Fact.limit(alert.kind, alert.scope, alert.part, of: alert.limit) + [
                Fact("percent", .number(Int64(alert.percent))),
                Fact("used", .text(alert.kind.plainAmount(alert.used))),
                Fact("allowed", .text(alert.kind.plainAmount(alert.limit))),
            ] + Fact.window(alert.window))
    }

    /// A limit refuses requests of `key`.
    ///
    /// - Parameter cause: the cause of the refusal.
    package init(_ refusal: LimitRefusal, of key: KeyRecord, cause: Cause, at now: Timestamp) {
        self.init(
            at: now, .limitRefused, key.id, cause: cause,
            facts: Fact.limit(refusal.kind, refusal.scope, refusal.part, of: refusal.limit)
                + [
                    Fact("team", key.team), Fact("used", .text(refusal.kind.plainAmount(refusal.used))),
                    Fact("reserved", .text(refusal.kind.plainAmount(refusal.reserved))),
                    Fact("asked", .text(refusal.kind.plainAmount(refusal.asked))),
                    Fact("allowed", .text(refusal.kind.plainAmount(refusal.limit))),
                    Fact("until", refusal.end(from: now)),
                ].compactMap(\.self))
    }
}

extension LimitRefusal {
    /// The moment at which a request like the refused one may be admitted; nil where that is not known.
    fileprivate func end(from now: Timestamp) -> Timestamp? {
        guard case .wait(let microseconds) = remedy else { return nil }
        return Timestamp(microseconds: now.microseconds.addingSaturated(microseconds))
    }
}

extension Event.Fact {
    fileprivate init?(_ name: String, _ moment: Timestamp?) {
        guard let moment else { return nil }
        self.init(name, .time(moment))
    }

    /// The fact `name`; nil without a value.
    fileprivate init?(_ name: String, _ text: String?) {
        guard let text else { return nil }
        self.init(name, .text(text))
    }

    fileprivate static func limit(
        _ kind: LimitKind, _ scope: LimitScope, _ part: LimitPart?, of amount: Int64
    ) -> [Event.Fact] {
        [
            Event.Fact("scope", .text(scope.name)), Event.Fact("limit", .text(kind.rawValue)),
            Event.Fact("limit_text", .text(kind.text(amount))),
            Event.Fact("model", part?.model), Event.Fact("user", part?.user),
        ].compactMap(\.self)
    }

    fileprivate static func window(_ window: Range<Int64>?) -> [Event.Fact] {
        guard let window else { return [] }
        return [
            Event.Fact("window_start", .time(Timestamp(seconds: window.lowerBound))),
            Event.Fact("window_end", .time(Timestamp(seconds: window.upperBound))),
        ]
    }
}
