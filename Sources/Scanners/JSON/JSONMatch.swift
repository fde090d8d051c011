/// A value at a path. All offsets count from the first byte of the document.
package struct JSONMatch: Equatable, Sendable {
    /// The kind of the value.
    package let kind: JSONKind
    /// The bytes of the value, with quotes or brackets.
    package let range: Range<Int>
    /// The offset of the opening quote of the member's key; nil for an element of an array and for the document.
    package let memberStart: Int?
    /// For a member: the bytes to remove so that the rest is valid JSON without it.
    ///
    /// They begin with the comma before the member and end with its value. For the first member of an object they begin with its key
    /// and end with the comma after it. Nil until the scanner has seen the bytes after the value. The removals of neighbours can
    /// share a comma, so remove only one of them.
    package let removal: Range<Int>?
    /// True for an object or array without a member or element. Its content begins at `range.lowerBound + 1`.
    package let contentIsEmpty: Bool
    /// The decoded string, or the number's literal; nil if it is longer than the limit, and for other kinds.
    ///
    /// A lone surrogate, which the grammar allows (RFC 8259, section 8.2), becomes U+FFFD.
    package let text: String?
    /// For `.textLength`: the number of Unicode scalars in all string values at or below the path, over all matches.
    package let scalars: Int
    /// For `.textLength`: the same in decoded bytes of UTF-8.
    package let utf8Bytes: Int
    /// For `.count`: the number of elements or members, over all matches.
    package let elements: Int

    /// The number as an integer: `42`, and also `42.0` and `4.2e1`. Exact, without floating point.
    ///
    /// Nil for fractions, for numbers beyond 64 bits, and for other kinds.
    package var integer: Int64? {
        guard kind == .number, var text else { return nil }
        return text.withUTF8 { JSONNumber.integer($0.span) }
    }

    /// The truth value; nil for other kinds.
    package var bool: Bool? {
        switch kind {
        case .true: true
        case .false: false
        default: nil
        }
    }
}
