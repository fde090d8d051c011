import Clocks
import Policy
import Settings

/// Reads the values that people give for keys, by the rules of a configuration at a moment. Pure.
struct KeyRules {
    let policies: Policies
    /// The only team that exists for the actor; nil for all.
    let visibleTeam: String?
    let time: TimeText
    let now: Timestamp

    /// The name of a tier that exists.
    func tier(_ name: String) throws(KeyProblem) -> String {
        guard policies.tiers[name] == nil else { return name }
        throw Self.unknown("tier", name, among: policies.tiers.all.map(\.name))
    }

    /// The team `name`. Returns nil for an empty name.
    /// - Throws: a problem for a team that is not listed, where teams are: its keys would escape the limits of every team. For an
    ///   actor of one team no other one exists.
    func team(_ name: String) throws(KeyProblem) -> String? {
        guard !name.isEmpty else { return nil }
        if let visibleTeam, name != visibleTeam { throw KeyProblem(.otherTeam(allowed: visibleTeam)) }
        guard !policies.isListed(team: name) else { return name }
        throw Self.unknown("team", name, among: policies.teams.keys.sorted())
    }

    private static func unknown(_ kind: String, _ name: String, among names: [String]) -> KeyProblem {
        let question = Suggestion.nearest(to: name, among: names).map { "; did you mean \($0)?" } ?? ""
        return .invalid(
            member: kind,
            message: "the configuration has no \(kind) \"\(name)\"; it has \(names.joined(separator: ", "))\(question)")
    }

    /// The end of a key: a duration such as `90d`, a date, which it ends with, or a time. Returns nil for `never`.
    func expiry(_ text: String) throws(KeyProblem) -> Timestamp? {
        guard text != "never" else { return nil }
        return try future(text, "expires_at", "; revoke a key to end it at once", time.future)
    }

    /// The time from now until `text`, as an expiry, for the keys that end in it.
    func end(within text: String) throws(KeyProblem) -> Range<Timestamp> {
        now..<(try future(text, "expiring", "", time.future))
    }

    /// The end of a grant: as an expiry, or `hour`, `day`, `week` or `month` for the end of the current one.
    func grantEnd(_ text: String) throws(KeyProblem) -> Timestamp { try future(text, "until", "", time.end) }

    /// The time for which a secret still works after its rotation.
    func grace(_ text: String) throws(KeyProblem) -> Duration {
        do throws(TimeText.Problem) { return try TimeText.duration(text) } catch {
            throw .invalid(member: "grace", message: error.description)
        }
    }

    private func future(
        _ text: String, _ member: String, _ remedy: String,
        _ read: (String, Timestamp) throws(TimeText.Problem) -> Timestamp
    ) throws(KeyProblem) -> Timestamp {
        let moment: Timestamp
        do throws(TimeText.Problem) { moment = try read(text, now) } catch {
            throw .invalid(member: member, message: error.description)
        }
        guard moment > now else { throw .invalid(member: member, message: "\(text) is in the past\(remedy)") }
        return moment
    }

    /// The patterns of models among `texts`. Returns nil for none, which means all models of the tier.
    static func models(_ texts: [String]) -> [String]? {
        let models = texts.map { $0.trimmingSpaces() }.filter { !$0.isEmpty }
        return models.isEmpty ? nil : models
    }

    /// The grants that `raises` say for `key`.
    /// - Throws: a problem for a limit that the key does not have.
    func grants(_ raises: [LimitArgument], of key: KeyRecord, until end: Timestamp) throws(KeyProblem) -> [LimitGrant] {
        let limits = policies.tiers[key.tier]?.adjusted(by: KeyLimits(own: key.limits.own), at: now)
        var grants: [LimitGrant] = []
        for argument in raises {
            guard limits?[argument.kind] != nil else {
                throw .invalid(
                    member: "limits",
                    message:
                        "neither the key \(key.id) nor its tier \(key.tier) has the limit \(argument.kind.rawValue), so "
                        + "there is nothing to raise")
            }
            grants.append(LimitGrant(kind: argument.kind, raise: try argument.raise(), until: end))
        }
        return grants
    }
}

extension String {
    /// The text without spaces at its ends.
    func trimmingSpaces() -> String { String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
}
