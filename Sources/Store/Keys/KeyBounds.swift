import Policy

/// The most bytes of UTF-8 of a key's texts, and the most grants.
///
/// Id and team fit the journal, which must name the owner of every request after the death of the process. Keys of older
/// versions may have longer teams.
enum KeyBounds {
    static let id = TextBound.keyID
    static let name = 200
    static let team = TextBound.team
    /// The most grants at one time.
    static let grants = 32

    /// Checks texts that a new or changed key would have; nil for texts that stay.
    /// - Throws: `LedgerError.textTooLong`.
    static func check(id: String? = nil, name: String?, team: String?) throws(LedgerError) {
        try check("id", id, Self.id)
        try check("name", name, Self.name)
        try check("team", team, Self.team)
    }

    private static func check(_ member: String, _ text: String?, _ limit: Int) throws(LedgerError) {
        guard let bytes = text?.utf8.count, bytes > limit else { return }
        throw .textTooLong(member: member, bytes: bytes, limit: limit)
    }
}
