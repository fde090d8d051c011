import Bytes
import Policy

/// The form of a key's texts, and the most bytes of UTF-8, patterns and grants.
///
/// Id and team fit the journal, which must name the owner of every request after the death of the process. Keys of older
/// versions may have longer teams.
enum KeyBounds {
    static let id = TextBound.keyID
    static let name = 200
    static let team = TextBound.team
    static let pattern = 200
    /// The most patterns of models.
    static let models = 64
    /// The most grants at one time.
    static let grants = 32

    /// Checks texts that a new or changed key would have; nil for texts that stay.
    /// - Throws: `LedgerError.textTooLong`, `.unreadableText`, `.tooManyModels`.
    static func check(
        id: String? = nil, name: String?, team: String?, models: [String]?
    ) throws(LedgerError) {
        try check("id", id, Self.id)
        try check("name", name, Self.name)
        try check("team", team, Self.team)
        guard models?.count ?? 0 <= Self.models else { throw .tooManyModels(limit: Self.models) }
        for pattern in models ?? [] { try check("models", pattern, Self.pattern) }
    }

    private static func check(_ member: String, _ text: String?, _ limit: Int) throws(LedgerError) {
        guard let text else { return }
        guard text.utf8.count <= limit else {
            throw .textTooLong(member: member, bytes: text.utf8.count, limit: limit)
        }
        guard text.unicodeScalars.allSatisfy(\.isPrintable), !text.allSatisfy(\.isWhitespace) else {
            throw .unreadableText(member: member)
        }
    }
}
