/// The results of a scan. A path is known by its index in its set.
extension JSONScanner {
    /// The last complete match of the path; nil before the first.
    ///
    /// An object or array is a match when it has ended. Until then the match before it is returned.
    package func found(_ index: Int) -> JSONMatch? { matches.match(index) }

    /// Returns true if the path has a match. Costs less than `found`.
    @inline(__always)
    package func has(_ index: Int) -> Bool { matches.has(index) }

    /// The kind of the last match; nil without one.
    @inline(__always)
    package func kind(_ index: Int) -> JSONKind? { matches.kind(index) }

    /// The last match as an integer, as in `JSONMatch.integer`, without the cost of a string.
    package func integer(_ index: Int) -> Int64? { matches.integer(index) }

    /// The sums of a `.textLength` path so far.
    ///
    /// They are valid in the middle of a match too, and after an error. A string that is still open counts as far as it was
    /// scanned; an unfinished character or escape in it may be counted in part.
    package func textLength(_ index: Int) -> (scalars: Int, utf8Bytes: Int) {
        let sums = matches.textLength(index)
        guard isInStringValue, measures &>> UInt64(index) & 1 == 1 else { return sums }
        let open = length.decoded(written: base - tokenStart - 1)
        return (sums.scalars + open.scalars, sums.utf8Bytes + open.utf8Bytes)
    }

    /// The number of complete string values in the sums of a `.textLength` path so far.
    package func textCount(_ index: Int) -> Int { matches.textCount(index) }

    private var isInStringValue: Bool {
        guard !isKey else { return false }
        switch state {
        case .string, .character, .escape, .codeUnit, .highSurrogate, .escapeAfterHighSurrogate: return true
        default: return false
        }
    }
}
