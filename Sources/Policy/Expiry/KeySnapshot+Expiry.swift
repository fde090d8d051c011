import Clocks

extension KeySnapshot {
    /// The active keys of which a notice is due at `now`, each with its notice, the first to expire first.
    package func expiring(at now: Timestamp) -> [(key: KeyRecord, notice: ExpiryNotice)] {
        unordered.compactMap { key -> (key: KeyRecord, notice: ExpiryNotice, at: Timestamp)? in
            guard let end = key.expiresAt, key.state(at: now) == .active,
                let notice = ExpiryNotice(Expiring(.key, key.id, expiresAt: end), at: now)
            else { return nil }
            return (key, notice, end)
        }.sorted { ($0.at, $0.key.id) < ($1.at, $1.key.id) }.map { ($0.key, $0.notice) }
    }
}
