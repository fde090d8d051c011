/// Where a watched value stands, and what is in it. All offsets count from the first byte of the document.
package struct JSONMatch: Equatable, Sendable {
    /// What the value is.
    package let kind: JSONKind
    /// The value's bytes, quotes and brackets included.
    package let range: Range<Int>
    /// Where the opening quote of the member's key stands; nil for elements of arrays and for the document itself.
    package let memberStart: Int?
    /// For members: what to cut so that the rest is valid JSON without the member. It reaches from the comma before the
    /// member to the value's end; for the first member of an object from its key to behind the comma after it. Nil
    /// until what follows the value has been seen. The removals of neighbours may share a comma, so cut one of them.
    package let removal: Range<Int>?
    /// Of an object or array: no member or element in it. Its content begins at `range.lowerBound + 1`.
    package let contentIsEmpty: Bool
    /// The decoded string, or the number's literal; nil where it is longer than the limit or of another kind. A lone
    /// surrogate, which the grammar allows (RFC 8259, 8.2), is U+FFFD.
    package let text: String?
    /// For `.textLength`: the Unicode scalars of all string values at or below the path, over all matches.
    package let scalars: Int
    /// For `.textLength`: the same in bytes of UTF-8, decoded.
    package let utf8Bytes: Int
    /// For `.count`: the elements or members, over all matches.
    package let elements: Int

    /// The number, where it is an integer of 64 bits: `42`, and also `42.0` and `4.2e1`. Exact, never by way of
    /// floating point. Nil for fractions, for what is out of range, and for every other kind.
    package var integer: Int64? {
        guard kind == .number, var text else { return nil }
        return text.withUTF8 { JSONNumber.integer($0.span) }
    }

    /// The truth value; nil for every other kind.
    package var bool: Bool? {
        switch kind {
        case .true: true
        case .false: false
        default: nil
        }
    }
}
