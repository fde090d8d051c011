import Bytes

/// Parser of the field lines of a head or trailer section (RFC 9112, section 5).
///
/// A decision depends on the bytes up to its place only, never on later ones, so every split of the bytes has the same
/// result.
struct FieldSection: Sendable {
    /// The place of a section, by which its rules differ.
    enum Kind: Sendable {
        case request
        /// White space before a colon is removed, as a gateway must (RFC 9112, section 5.1).
        case response
        /// No field has a meaning: all are dropped (RFC 9110, section 6.5.1).
        case trailers
    }

    /// Largest number of fields in a section. Bounds memory, since a table entry is larger than the shortest field.
    static let maximumFields = 256

    private(set) var fields: [HeaderFields.Field] = []
    private(set) var facts = FramingFacts()
    /// Start of the first line that is not parsed yet; the section's end once it is complete.
    private(set) var position: Int
    private let kind: Kind

    init(_ kind: Kind, position: Int) {
        self.kind = kind
        self.position = position
    }

    /// Parses the complete lines of `window`. Returns true after the empty line that ends the section.
    mutating func parse(_ window: Span<UInt8>) throws(HTTP1Error) -> Bool {
        while position < window.count {
            let first = window[position]
            if first == ASCII.carriageReturn {
                guard position + 1 < window.count else { return false }
                guard window[position + 1] == ASCII.lineFeed else { throw .invalidLineEnding }
                position += 2
                try nominateHopByHop(window)
                return true
            }
            if ASCII.isBlank(first) { throw .obsoleteLineFolding }
            guard try parseLine(window) else { return false }
        }
        return false
    }

    /// Parses the line at `position` and moves to the next one. Returns false while the line's end is missing.
    private mutating func parseLine(_ window: Span<UInt8>) throws(HTTP1Error) -> Bool {
        let nameEnd = window.index(after: .token, from: position)
        guard let colon = try colon(window, after: nameEnd) else { return false }
        guard nameEnd > position else { throw .invalidHeaderName }

        var start = colon + 1
        while start < window.count, ASCII.isBlank(window[start]) { start += 1 }
        let lineEnd = window.endOfText(from: start)
        guard let next = try window.endOfLine(at: lineEnd, fault: .invalidHeaderValue) else { return false }

        let name = position..<nameEnd
        guard let nameLength = UInt16(exactly: name.count) else { throw .headersTooLarge }
        guard fields.count < Self.maximumFields else { throw .tooManyHeaders }
        let value = window.trimmed(start..<lineEnd)
        let kind = FieldKind(window, name)
        if kind != .other, self.kind != .trailers { try facts.note(kind, window, value) }
        if fields.isEmpty { fields.reserveCapacity(16) }
        fields.append(
            HeaderFields.Field(
                nameStart: UInt32(name.lowerBound), valueStart: UInt32(value.lowerBound),
                valueEnd: UInt32(value.upperBound), nameLength: nameLength, kind: kind, isHopByHop: kind.isHopByHop))
        position = next
        return true
    }

    /// The colon of the line whose name ends at `nameEnd`; nil while it is missing.
    @inline(__always)
    private func colon(_ window: Span<UInt8>, after nameEnd: Int) throws(HTTP1Error) -> Int? {
        var colon = nameEnd
        if kind == .response, nameEnd > position {
            while colon < window.count, ASCII.isBlank(window[colon]) { colon += 1 }
        }
        guard colon < window.count else { return nil }
        guard window[colon] == ASCII.colon else { throw Self.nameFault(window[colon]) }
        return colon
    }

    private static func nameFault(_ byte: UInt8) -> HTTP1Error {
        switch byte {
        case ASCII.carriageReturn: .missingColon
        case ASCII.lineFeed: .invalidLineEnding
        case ASCII.space, ASCII.tab: .whitespaceBeforeColon
        default: .invalidHeaderName
        }
    }

    /// Marks the fields that `connection` names, usually none.
    private mutating func nominateHopByHop(_ window: Span<UInt8>) throws(HTTP1Error) {
        guard facts.connectionNominates else { return }
        var options = 0
        for index in fields.indices where fields[index].kind == .connection {
            let value = fields[index].value
            var position = value.lowerBound
            while let member = window.nextListMember(&position, end: value.upperBound) {
                // Each option is compared with each field. Without a bound a small head could cost milliseconds.
                options += 1
                guard options <= Self.maximumFields / 4 else { throw .tooManyHeaders }
                let option = window.withoutParameters(member)
                guard !EndToEndFields.contains(window, option) else { continue }
                for other in fields.indices where window.equalsIgnoringCase(fields[other].name, option) {
                    fields[other].isHopByHop = true
                }
            }
        }
    }
}
