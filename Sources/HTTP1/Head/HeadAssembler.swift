import Bytes

/// First line of a head: a request line, a status line, or nothing for a trailer section.
protocol StartLine: Sendable {
    init()
    /// Fault of a head that reaches the limit within this line.
    static var tooLong: HTTP1Error { get }
    /// Fault of a head that reaches the limit after this line.
    static var sectionTooLarge: HTTP1Error { get }
    /// The rules of the fields after this line.
    static var section: FieldSection.Kind { get }
    /// Parses the line at the start of `window`. Returns the position after it, or nil while its end is missing.
    mutating func parse(_ window: Span<UInt8>) throws(HTTP1Error) -> Int?
}

/// Incremental parser of a head. Continues at the first line that is not complete.
struct HeadParser<Line: StartLine>: Sendable {
    private(set) var line = Line()
    private(set) var section: FieldSection?

    /// Parses the new lines in `window`, which begins with the head's first byte. Returns true once the head is
    /// complete.
    mutating func parse(_ window: Span<UInt8>) throws(HTTP1Error) -> Bool {
        if section == nil {
            guard let end = try line.parse(window) else { return false }
            section = FieldSection(Line.section, position: end)
        }
        return try section!.parse(window)
    }

    /// The same for an array. A span of one stored property must not live while another one changes.
    mutating func parse(_ bytes: [UInt8]) throws(HTTP1Error) -> Bool {
        try parse(bytes.span)
    }

    /// Fault of a head that reaches the limit here.
    var excess: HTTP1Error { section == nil ? Line.tooLong : Line.sectionTooLarge }
}

/// Collects a head from any split of its bytes.
///
/// A head that comes whole is parsed in place and copied once. A head that comes in parts is collected, and each line
/// is parsed once its end is there. So each byte is read a bounded number of times, however slowly they come.
struct HeadAssembler<Line: StartLine>: Sendable {
    private let limit: Int
    private var kept: [UInt8] = []
    private var parser = HeadParser<Line>()

    init(limit: Int) {
        precondition(limit > 0 && limit <= Int(Int32.max))
        self.limit = limit
    }

    /// True while no byte has come since the start or the last head.
    var isEmpty: Bool { kept.isEmpty }

    /// Reads bytes. Returns how many of them belong to the head once it is complete, for `removeHead`; nil while it
    /// needs more.
    mutating func read(_ bytes: Span<UInt8>) throws(HTTP1Error) -> Int? {
        let available = min(bytes.count, limit - kept.count)
        guard kept.isEmpty else { return try append(bytes, available) }

        let window = bytes.extracting(0..<available)
        if try parser.parse(window) {
            let end = parser.section!.position
            kept.append(0..<end, of: window)
            return end
        }
        if available == limit { throw parser.excess }
        kept.append(0..<available, of: window)
        return nil
    }

    private mutating func append(_ bytes: Span<UInt8>, _ available: Int) throws(HTTP1Error) -> Int? {
        var taken = 0
        while taken < available {
            var stop = bytes.indexOfControl(from: taken, to: available)
            // Tabs are part of values, and a bare CR shows at the next byte. Any other control byte ends the line or is
            // an error.
            while stop < available, bytes[stop] == ASCII.tab || bytes[stop] == ASCII.carriageReturn {
                stop = bytes.indexOfControl(from: stop + 1, to: available)
            }
            let end = min(stop + 1, available)
            kept.append(taken..<end, of: bytes)
            taken = end
            if stop < available, try parser.parse(kept) { return taken }
        }
        if kept.count == limit {
            // A fault within the unfinished line takes precedence over the length, as in a head that comes whole.
            _ = try parser.parse(kept)
            throw parser.excess
        }
        return nil
    }

    /// Returns the complete head. The assembler is then ready for the next one and holds no memory.
    mutating func removeHead() -> (line: Line, fields: HeaderFields, facts: FramingFacts) {
        guard let section = parser.section else { preconditionFailure("no head is complete") }
        let head = (parser.line, HeaderFields(bytes: kept, fields: section.fields), section.facts)
        kept = []
        parser = HeadParser()
        return head
    }
}
