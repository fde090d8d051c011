/// The decoded length of the current string, computed from its written length.
struct JSONStringLength: Sendable {
    /// The difference between the written bytes and the decoded bytes, which escapes cause.
    private var shrinkage = 0
    /// The number of decoded bytes that are not the first of a scalar.
    private var continuations = 0

    /// Adds a character that is written as itself.
    @inline(__always)
    mutating func addCharacter(continuations: Int) { self.continuations &+= continuations }

    /// Adds a scalar of `size` bytes in UTF-8 that is written as an escape of `written` bytes.
    @inline(__always)
    mutating func addEscape(written: Int, size: Int) {
        shrinkage &+= written &- size
        continuations &+= size &- 1
    }

    /// Adds `count` scalars of ASCII, each written as an escape of two bytes.
    @inline(__always)
    mutating func addShortEscapes(_ count: Int) { shrinkage &+= count }

    /// True after an escape: each is longer than the character that it means.
    var hasEscapes: Bool { shrinkage != 0 }

    /// The length of a string whose content has `written` bytes so far. Never negative in an unfinished escape or character.
    @inline(__always)
    func decoded(written: Int) -> (scalars: Int, utf8Bytes: Int) {
        let bytes = max(0, written - shrinkage)
        return (max(0, bytes - continuations), bytes)
    }
}
