import Bytes

/// The matches of a document: one slot for each path, and the captured texts.
///
/// A set of paths is a word with one bit for each path.
struct JSONMatchTable: ~Copyable {
    /// The last match of one path, and its sums over all matches.
    struct Slot: Sendable {
        fileprivate var kind = JSONKind.null
        fileprivate var isEmpty = false
        fileprivate var start = 0
        fileprivate var end = 0
        fileprivate var memberStart = -1
        fileprivate var removalStart = -1
        /// -1 until the scanner has seen the comma after a first member, or the end of its object.
        fileprivate var removalEnd = -1
        /// The start of its text in `texts`; -1 without a text.
        fileprivate var textStart = -1
        fileprivate var textCount = 0
        /// The part of `texts` that belongs to the slot and is written again for the next text.
        fileprivate var roomStart = 0
        fileprivate var room = 0
        fileprivate var scalars = 0
        fileprivate var utf8Bytes = 0
        fileprivate var strings = 0
        fileprivate var elements = 0
    }

    private var slots: [Slot]
    /// The captured texts, each in the room of its slot.
    private(set) var texts: [UInt8] = []
    /// The paths whose slots are not empty.
    private var touched: UInt64 = 0
    /// The paths that have a match.
    private var found: UInt64 = 0
    /// The paths that matched the first member of an object, until the comma after it.
    private var awaitingComma: UInt64 = 0

    /// A table of empty slots. It shares their storage until the first match.
    init(_ emptySlots: [Slot]) { slots = emptySlots }

    /// Removes all matches. Keeps the storage.
    mutating func reset() {
        while touched != 0 {
            slots[touched.trailingZeroBitCount] = Slot()
            touched &= touched &- 1
        }
        found = 0
        awaitingComma = 0
        texts.removeAll(keepingCapacity: true)
    }

    // MARK: Writing

    /// Stores a complete value as the last match of `paths`. Its text, if it has one, follows with `keep`.
    @inline(__always)
    mutating func publish(
        _ kind: JSONKind, for paths: UInt64, from start: Int, to end: Int, member: JSONMemberPosition, isEmpty: Bool
    ) {
        touched |= paths
        found |= paths
        let isFirst = member.start >= 0 && member.comma < 0
        if isFirst { awaitingComma = paths }
        var rest = paths
        while rest != 0 {
            let index = rest.trailingZeroBitCount
            rest &= rest &- 1
            slots[index].kind = kind
            slots[index].isEmpty = isEmpty
            slots[index].start = start
            slots[index].end = end
            slots[index].memberStart = member.start
            slots[index].removalStart = isFirst ? member.start : member.comma
            slots[index].removalEnd = isFirst ? -1 : end
            slots[index].textStart = -1
        }
    }

    /// Stores the text of the value that was published last for `paths`, unless it is longer than `limit`.
    mutating func keep(_ text: Span<UInt8>, for paths: UInt64, limit: Int) {
        guard text.count <= limit else { return }
        var rest = paths
        while rest != 0 {
            let index = rest.trailingZeroBitCount
            rest &= rest &- 1
            if slots[index].room < text.count {
                if texts.isEmpty { texts.reserveCapacity(256) }
                slots[index].roomStart = texts.count
                texts.append(0..<text.count, of: text)
                // Doubling bounds the abandoned rooms by the size of the last one. The first room has no spare bytes: most
                // documents have one text for each path.
                let spare = Swift.max(0, Swift.min(slots[index].room &* 2, limit) - text.count)
                slots[index].room = text.count + spare
                if spare > 0 { texts.append(contentsOf: repeatElement(0, count: spare)) }
            } else {
                texts.replace(from: slots[index].roomStart, with: text)
            }
            slots[index].textStart = slots[index].roomStart
            slots[index].textCount = text.count
        }
    }

    /// Removes the matches and sums of `paths`. Keeps the room for their texts.
    mutating func remove(_ paths: UInt64) {
        found &= ~paths
        var rest = paths
        while rest != 0 {
            let index = rest.trailingZeroBitCount
            rest &= rest &- 1
            slots[index].scalars = 0
            slots[index].utf8Bytes = 0
            slots[index].strings = 0
            slots[index].elements = 0
        }
    }

    /// Adds a string value and its length to the sums of `paths`.
    mutating func addText(scalars: Int, utf8Bytes: Int, for paths: UInt64) {
        touched |= paths
        var rest = paths
        while rest != 0 {
            let index = rest.trailingZeroBitCount
            rest &= rest &- 1
            slots[index].utf8Bytes += utf8Bytes
            slots[index].scalars += scalars
            slots[index].strings += 1
        }
    }

    /// Adds the number of elements or members of a container to the sums of `paths`.
    mutating func addElements(_ count: Int, for paths: UInt64) {
        var rest = paths
        while rest != 0 {
            slots[rest.trailingZeroBitCount].elements += count
            rest &= rest &- 1
        }
    }

    // MARK: Removals

    /// True while the removal of a match depends on the bytes after it.
    @inline(__always)
    var awaitsComma: Bool { awaitingComma != 0 }

    /// Completes the removal of the first member of an object: the comma after it ends before `offset`.
    mutating func completeRemovals(at offset: Int) {
        while awaitingComma != 0 {
            slots[awaitingComma.trailingZeroBitCount].removalEnd = offset
            awaitingComma &= awaitingComma &- 1
        }
    }

    /// Completes the removal of the only member of an object.
    mutating func completeRemovalsOfOnlyMembers() {
        while awaitingComma != 0 {
            let index = awaitingComma.trailingZeroBitCount
            slots[index].removalEnd = slots[index].end
            awaitingComma &= awaitingComma &- 1
        }
    }

    // MARK: Reading

    /// Returns true if the path at `index` has a match.
    @inline(__always)
    func has(_ index: Int) -> Bool {
        precondition(index >= 0 && index < slots.count, "no such path")
        return (found &>> UInt64(index)) & 1 == 1
    }

    /// The kind of the last match; nil without one.
    @inline(__always)
    func kind(_ index: Int) -> JSONKind? { has(index) ? slots[index].kind : nil }

    /// The last match as an integer; nil without one, and for other values.
    func integer(_ index: Int) -> Int64? {
        guard kind(index) == .number, slots[index].textStart >= 0 else { return nil }
        let start = slots[index].textStart
        return JSONNumber.integer(texts.span.extracting(start..<start + slots[index].textCount))
    }

    /// The last match; nil without one.
    func match(_ index: Int) -> JSONMatch? {
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

    /// The number of string values whose length counts for the path.
    func textCount(_ index: Int) -> Int {
        precondition(index >= 0 && index < slots.count, "no such path")
        return slots[index].strings
    }

    /// The lengths of all string values counted for the path.
    func textLength(_ index: Int) -> (scalars: Int, utf8Bytes: Int) {
        precondition(index >= 0 && index < slots.count, "no such path")
        return (slots[index].scalars, slots[index].utf8Bytes)
    }
}

/// The position of a member in its object.
struct JSONMemberPosition: Sendable {
    /// The opening quote of the key; -1 for an element of an array and for the document.
    var start = -1
    /// The comma before the member; -1 for the first member.
    var comma = -1
}
