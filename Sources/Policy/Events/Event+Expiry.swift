import Clocks

extension Event {
    /// A certificate expires soon, or has expired.
    ///
    /// - Parameters:
    ///   - file: the file that it is in.
    ///   - name: its subject, as `CN=gateway.example`.
    ///   - place: the members of the configuration that name the file.
    package init(_ notice: ExpiryNotice, in file: String, name: String, of place: String, at now: Timestamp) {
        self.init(
            at: now, notice.days == 0 ? .certificateExpired : .certificateExpiring, file,
            facts: [Fact("certificate", .text(name)), Fact("of", .text(place))] + Fact.expiry(notice))
    }

    /// A key expires soon.
    package init(_ notice: ExpiryNotice, of key: KeyRecord, at now: Timestamp) {
        self.init(
            at: now, .keyExpiring, key.id,
            facts: (key.team.map { [Fact("team", .text($0))] } ?? []) + Fact.expiry(notice))
    }
}

extension Event.Fact {
    fileprivate static func expiry(_ notice: ExpiryNotice) -> [Event.Fact] {
        [Event.Fact("days", .number(notice.days)), Event.Fact("expires_at", .time(notice.subject.expiresAt))]
    }
}
