extension JSONScanner {
    /// What the watch with `index` in its list found: the last match that is complete, nil before the first.
    ///
    /// An object or array is a match when it has ended. While a later match is open the one before stands.
    package func found(_ index: Int) -> JSONMatch? {
        guard has(index) else { return nil }
        let slot = slots[index]
        let isMember = slot.memberStart >= 0
        return JSONMatch(
            kind: slot.kind, range: slot.start..<slot.end, memberStart: isMember ? slot.memberStart : nil,
            removal: isMember && slot.removalEnd >= 0 ? slot.removalStart..<slot.removalEnd : nil,
            contentIsEmpty: slot.isEmpty,
            text: slot.textStart < 0
                ? nil : String(decoding: texts[slot.textStart..<slot.textStart + slot.textCount], as: UTF8.self),
            scalars: slot.scalars, utf8Bytes: slot.utf8Bytes, elements: slot.elements)
    }

    /// Whether the watch has a match: the first half of `found`, without its cost.
    @inline(__always)
    package func has(_ index: Int) -> Bool {
        precondition(index >= 0 && index < list.count, "no such watch")
        return (foundMask &>> UInt64(index)) & 1 == 1
    }

    /// What the last match of the watch is; nil without one.
    @inline(__always)
    package func kind(_ index: Int) -> JSONKind? {
        has(index) ? slots[index].kind : nil
    }

    /// The last match of the watch as an integer, as in `JSONMatch.integer`, without a string being made of it.
    package func integer(_ index: Int) -> Int64? {
        guard kind(index) == .number, slots[index].textStart >= 0 else { return nil }
        let start = slots[index].textStart
        return JSONNumber.integer(texts.span.extracting(start..<start + slots[index].textCount))
    }

    /// The sums of a `.textLength` watch so far: also where the document broke off before the match was complete. Of a
    /// string that is still open everything scanned is counted, give or take an unfinished character or escape.
    package func textLength(_ index: Int) -> (scalars: Int, utf8Bytes: Int) {
        precondition(index >= 0 && index < list.count, "no such watch")
        let slot = slots[index]
        guard isInStringValue, (openMeasures | matched & list.measuring) &>> UInt64(index) & 1 == 1 else {
            return (slot.scalars, slot.utf8Bytes)
        }
        let bytes = max(0, base - tokenStart - 1 - shrinkage)
        return (slot.scalars + max(0, bytes - continuations), slot.utf8Bytes + bytes)
    }

    private var isInStringValue: Bool {
        guard !isKey else { return false }
        switch state {
        case .string, .character, .escape, .codeUnit, .highSurrogate, .escapeBehindHighSurrogate: return true
        default: return false
        }
    }
}
