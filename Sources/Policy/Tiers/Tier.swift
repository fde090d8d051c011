/// The rights and limits of one kind of keys.
package struct Tier: Sendable {
    /// The action for a stream that exceeds its reservation where the limits have no room left.
    package enum Overrun: String, Sendable, CaseIterable {
        /// The stream continues; the excess is counted.
        case finish
        /// The stream ends with an error event.
        case stop
    }

    /// The rules for requests that wait for room in their limits instead of being refused.
    package struct Queue: Sendable, Equatable {
        /// The longest wait.
        package var wait = Duration.seconds(30)
        /// The most requests that wait in the tier at one time.
        package var length: Int = 1000

        /// Rules with the defaults.
        package init() {}
    }

    /// The name in the configuration.
    package let name: String
    /// Not private: incremental builds miss a change of the count in `PerKind` behind a private member.
    var limits = PerKind<Int64?>(repeating: nil)
    /// Limits of the requests to some models, by a name or pattern of models. All models of an entry share its limits.
    package var perModel: [String: [LimitKind: Int64]] = [:]
    /// Limits of each user.
    package var perUser: [LimitKind: Int64] = [:]
    /// Output tokens that a request without a bound reserves, where there is no `max_output_tokens`.
    package var outputReservation: Int64 = 4096
    /// The action for a stream that exceeds its reservation.
    package var overrun = Overrun.finish
    /// Percentages of a limit, ascending, for each of which an alert is given once in a window.
    package var alertAt = [80, 100]
    /// The weight of its share of the upstream account under contention, relative to the other tiers.
    package var weight = 1
    /// The rules for requests that wait for room; nil for a tier that refuses them at once.
    package var queue: Queue?
    /// The models that it may use; nil for all.
    package var models: [NamePattern]?
    /// The endpoints that it may use, as `chat/completions`; nil for all.
    package var endpoints: [NamePattern]?

    /// A tier without any limit.
    package init(name: String) { self.name = name }

    /// The limit of `kind` in its unit, money in nano-euros; nil for no limit.
    package subscript(kind: LimitKind) -> Int64? {
        get { limits[kind.place] }
        set { limits[kind.place] = newValue }
    }

    /// The tier with `values` as its only limits, for a part of its requests.
    func part(_ values: [LimitKind: Int64]) -> Tier {
        var part = self
        part.limits = PerKind(repeating: nil)
        for (kind, limit) in values { part[kind] = limit }
        part.perModel = [:]
        part.perUser = [:]
        return part
    }

    /// Returns true where the tier may use `model`. Aliases are replaced before: see `Policies.allows`.
    package func allows(model: String) -> Bool { models?.contains { $0.matches(model) } ?? true }

    /// Returns true where the tier may use `endpoint`, as `chat/completions`.
    package func allows(endpoint: String) -> Bool { endpoints?.contains { $0.matches(endpoint) } ?? true }
}

extension Tier: Equatable {
    package static func == (left: Tier, right: Tier) -> Bool {
        left.name == right.name && LimitKind.allCases.allSatisfy { left[$0] == right[$0] }
            && left.perModel == right.perModel && left.perUser == right.perUser
            && left.outputReservation == right.outputReservation && left.overrun == right.overrun
            && left.alertAt == right.alertAt && left.weight == right.weight
            && left.queue == right.queue && left.models == right.models
            && left.endpoints == right.endpoints
    }
}
