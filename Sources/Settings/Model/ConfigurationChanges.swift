/// The moment at which a change of a member takes effect in a running gateway.
enum MemberEffect {
    /// With the reload that reads it.
    case reload
    /// At the next start. Until then all parts keep the running value.
    case restart
}

/// The members that a reload changes, by their paths in the file. Values are not in it: they may be secrets.
package struct ConfigurationChanges: Sendable, Equatable {
    /// Members that have their new value, as `models.aliases`.
    package var applied: [String] = []
    /// Members that keep the running value until the next start, as `data`.
    package var deferred: [String] = []

    /// No changes.
    init() {}

    /// Compares the value at `path` in both owners. One that takes a restart is restored in `new`.
    mutating func merge<Owner, Value: Equatable>(
        _ path: WritableKeyPath<Owner, Value>, _ effect: MemberEffect, named name: String, _ running: Owner,
        into new: inout Owner
    ) {
        guard running[keyPath: path] != new[keyPath: path] else { return }
        switch effect {
        case .reload: applied.append(name)
        case .restart:
            deferred.append(name)
            new[keyPath: path] = running[keyPath: path]
        }
    }
}

extension Configuration {
    /// The configuration of a gateway that runs with `self` after a reload of `new`, and the members that differ.
    ///
    /// Members that take a restart keep the running value in the result, so every part must use the result and never `new`.
    /// No check compares such a member with another one: the result is as valid as `new`.
    package func reloaded(as new: Configuration) -> (effective: Configuration, changes: ConfigurationChanges) {
        var effective = new
        var changes = ConfigurationChanges()
        for member in Self.members { member.merge(self, &effective, "", &changes) }
        return (effective, changes)
    }
}
