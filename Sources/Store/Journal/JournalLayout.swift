import Policy

/// The places within a journal slot, by version. Written slots have `current`; recovery reads all versions.
///
///     word 0      state: free, open or finished, and the half that holds
///     words 1, 2  id
///     word 3      start
///     words 4–    facts, first half: units, cost, times, bytes, status and flags
///     then        facts, second half
///     then        key, team, user, tags, endpoint, models: each a byte with its length (255: nil), then UTF-8
///     then        upstream id, backend, cause and refusing limit, in the same form, written at the end
struct JournalLayout: Sendable {
    /// The last byte of the file's magic number.
    let version: UInt8
    /// Bytes of a slot.
    let byteCount: Int
    /// The first word of each half of the facts.
    let halves: (first: Int, second: Int)
    /// The first word of the units within a half; unit after unit, in the order of their raw values.
    let units: Int
    /// Words for units.
    let unitCount: Int
    /// The first word of the other facts within a half.
    let facts: Int
    /// The first byte of the texts that `begin` writes.
    let identity: Int
    /// The first byte of the texts that the end writes.
    let response: Int
    /// The most bytes of a team's name.
    let teamBytes: Int
    /// The most bytes of a model's name.
    let modelBytes: Int

    /// Layout 1, until November 2026: eight units, and no flag for requests that count.
    static let first = JournalLayout(
        version: 1, byteCount: 1024, halves: (4, 18), units: 0, unitCount: 8, facts: 8, identity: 256, response: 812,
        teamBytes: 64,
        modelBytes: 80)

    /// Layout 2, with room for 16 units, whole team names and longer model names.
    static let current = JournalLayout(
        version: 2, byteCount: 1536, halves: (4, 26), units: 6, unitCount: 16, facts: 0, identity: 384, response: 1224,
        teamBytes: TextBound.team, modelBytes: 128)

    /// Is true if the flags say which requests count against limits.
    var hasCountFlag: Bool { version > 1 }

    /// Is true if the slot has room for cause and limit. Versions that did not write them left zeros, which are no names.
    var hasCause: Bool { version > 1 }

    /// The layout of `version`, if it is known.
    init?(version: UInt8) {
        switch version {
        case Self.first.version: self = .first
        case Self.current.version: self = .current
        default: return nil
        }
    }

    private init(
        version: UInt8, byteCount: Int, halves: (Int, Int), units: Int, unitCount: Int, facts: Int, identity: Int,
        response: Int, teamBytes: Int, modelBytes: Int
    ) {
        self.version = version
        self.byteCount = byteCount
        self.halves = halves
        self.units = units
        self.unitCount = unitCount
        self.facts = facts
        self.identity = identity
        self.response = response
        self.teamBytes = teamBytes
        self.modelBytes = modelBytes
    }
}

/// The most bytes of UTF-8 of the texts in a slot, if they do not depend on the layout.
///
/// A longer text is cut in the row of a request that the process did not survive. All other rows come from memory, whole.
/// Keys are created within the bounds of id and team, so that no row loses its owner.
enum TextBound {
    static let keyID = 32
    static let team = 200
    static let user = 128
    static let tags = UsageTags.byteLimit
    static let endpoint = 32
    static let upstreamID = 64
    static let backend = 128
    static let cause = 32
    static let limit = 48
}
