extension JSONScanner {
    /// An open object or array in which a watch can match, or which is a match itself.
    struct Frame: Sendable {
        /// Watches whose path leads into it.
        var candidates: UInt64 = 0
        /// Watches whose path ends with it.
        var matched: UInt64 = 0
        /// Of an object: the watches whose member has stood in it.
        var seen: UInt64 = 0
        var start = 0
        var memberStart = -1
        var memberComma = -1
        var elements = 0
    }

    /// The last match of a watch, and its sums.
    struct Slot: Sendable {
        var kind = JSONKind.null
        var isEmpty = false
        var start = 0
        var end = 0
        var memberStart = -1
        var removalStart = -1
        /// -1 until the comma behind a first member, or the end of its object, has been seen.
        var removalEnd = -1
        /// Where its text stands in `texts`; -1 without one.
        var textStart = -1
        var textCount = 0
        /// The room in `texts` that it may be written into again: at `roomStart`.
        var roomStart = 0
        var room = 0
        var scalars = 0
        var utf8Bytes = 0
        var elements = 0
    }

    // MARK: Keys

    /// The key ends before `index`: which watches does the member take a step further?
    @inline(__always)
    mutating func endKey(_ bytes: Span<UInt8>, at index: Int) throws(JSONError) {
        memberStart = tokenStart
        if countsElements { frames[depth &- 1].elements &+= 1 }
        valueMask = 0
        guard keepsText else { return }
        let level = depth &- 1
        let candidates = frames[level].candidates
        if isHeld {
            hold(bytes, upTo: index)
            guard keepsText else { return }
            valueMask = list.paths(for: held.span, at: level, among: candidates)
        } else {
            let name = bytes.extracting(unchecked: runStart &- base..<index)
            valueMask = list.paths(for: name, at: level, among: candidates)
        }
        guard valueMask != 0 else { return }
        let again = valueMask & frames[level].seen
        if again != 0 { try takeAgain(again, bytes, at: index) }
        frames[level].seen |= valueMask
    }

    /// A member stands in its object for the second time.
    private mutating func takeAgain(_ again: UInt64, _ bytes: Span<UInt8>, at index: Int) throws(JSONError) {
        if again & list.refusing != 0 {
            let name =
                isHeld
                ? String(decoding: held, as: UTF8.self)
                : String(decoding: [UInt8](runStart - base..<index, of: bytes), as: UTF8.self)
            throw JSONError(.duplicateMember(name: name), at: tokenStart)
        }
        var rest = again & list.gauges[depth - 1].unique
        foundMask &= ~rest
        while rest != 0 {
            slots[rest.trailingZeroBitCount].startAnew()
            rest &= rest &- 1
        }
    }

    // MARK: Values

    /// The current value, a match, is complete.
    @inline(__always)
    mutating func publish(_ kind: JSONKind, from start: Int, to end: Int) {
        publish(
            kind, for: matched, from: start, to: end, memberStart: memberStart, memberComma: memberComma, isEmpty: false
        )
    }

    private mutating func publish(
        _ kind: JSONKind, for paths: UInt64, from start: Int, to end: Int, memberStart: Int, memberComma: Int,
        isEmpty: Bool
    ) {
        touched |= paths
        foundMask |= paths
        let isFirst = memberStart >= 0 && memberComma < 0
        if isFirst { awaitingComma = paths }
        var rest = paths
        while rest != 0 {
            let index = rest.trailingZeroBitCount
            rest &= rest &- 1
            slots[index].place(
                kind, from: start, to: end, memberStart: memberStart, removalStart: isFirst ? memberStart : memberComma,
                removalEnd: isFirst ? -1 : end, isEmpty: isEmpty)
        }
    }

    /// A container in which something could match ends before `end`.
    mutating func endTracked(_ frame: Frame, isEmpty: Bool, at end: Int) {
        guard frame.matched != 0 else { return }
        openMeasures &= ~frame.matched
        publish(
            isInObject ? .object : .array, for: frame.matched, from: frame.start, to: end,
            memberStart: frame.memberStart, memberComma: frame.memberComma, isEmpty: isEmpty)
        var rest = frame.matched & list.counting
        while rest != 0 {
            slots[rest.trailingZeroBitCount].elements += frame.elements
            rest &= rest &- 1
        }
    }

    /// The comma behind the first member of an object ends before `offset`.
    mutating func completeRemovals(at offset: Int) {
        while awaitingComma != 0 {
            slots[awaitingComma.trailingZeroBitCount].removalEnd = offset
            awaitingComma &= awaitingComma &- 1
        }
    }

    /// The first member of an object was the only one.
    mutating func completeRemovalsOfOnlyMembers() {
        while awaitingComma != 0 {
            let index = awaitingComma.trailingZeroBitCount
            slots[index].removalEnd = slots[index].end
            awaitingComma &= awaitingComma &- 1
        }
    }

    // MARK: Measures

    /// Adds the string value that ends before `end` to the sums it counts for.
    mutating func measure(upTo end: Int) {
        let bytes = end - tokenStart - 1 - shrinkage
        var rest = openMeasures | matched & list.measuring
        touched |= rest
        while rest != 0 {
            let index = rest.trailingZeroBitCount
            rest &= rest &- 1
            slots[index].utf8Bytes += bytes
            slots[index].scalars += bytes - continuations
        }
    }
}

extension JSONScanner.Slot {
    @inline(__always)
    fileprivate mutating func place(
        _ kind: JSONKind, from start: Int, to end: Int, memberStart: Int, removalStart: Int, removalEnd: Int,
        isEmpty: Bool
    ) {
        self.kind = kind
        self.isEmpty = isEmpty
        self.start = start
        self.end = end
        self.memberStart = memberStart
        self.removalStart = removalStart
        self.removalEnd = removalEnd
        textStart = -1
    }

    /// Forgets the match and the sums. The room for texts is kept.
    fileprivate mutating func startAnew() {
        scalars = 0
        utf8Bytes = 0
        elements = 0
    }
}
