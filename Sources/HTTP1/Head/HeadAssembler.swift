import Bytes

/// The first line of a head, which requests, responses and trailer sections have in three kinds.
protocol StartLine: Sendable {
    init()
    /// What is wrong when the limit is reached within this line.
    static var tooLong: HTTP1Error { get }
    /// What is wrong when the limit is reached behind this line.
    static var sectionTooLarge: HTTP1Error { get }
    /// Parses the line at the start of `window`. The position behind it, or nil while its end has not come.
    mutating func parse(_ window: Span<UInt8>) throws(HTTP1Error) -> Int?
}

/// The parsing of a head, which continues at the line it left off.
struct HeadParser<Line: StartLine>: Sendable {
    private(set) var line = Line()
    private(set) var section: FieldSection?

    /// Parses what is new in `window`, which begins with the head's first byte. True when the head is complete.
    mutating func parse(_ window: Span<UInt8>) throws(HTTP1Error) -> Bool {
        if section == nil {
            guard let end = try line.parse(window) else { return false }
            section = FieldSection(position: end)
        }
        return try section!.parse(window)
    }

    /// The same on an array: a span of one stored property may not live while another is changed.
    mutating func parse(_ bytes: [UInt8]) throws(HTTP1Error) -> Bool {
        try parse(bytes.span)
    }

    /// What the limit was reached with.
    var excess: HTTP1Error { section == nil ? Line.tooLong : Line.sectionTooLarge }
}

/// Puts a head together from any split of its bytes.
///
/// A head that comes whole is parsed where it lies and copied once. Of one that comes in parts, the parts are kept, and
/// each line is parsed when its end is there, so that a byte is looked at a bounded number of times however slowly they
/// come.
struct HeadAssembler<Line: StartLine>: Sendable {
    private let limit: Int
    private var kept: [UInt8] = []
    private var parser = HeadParser<Line>()

    init(limit: Int) {
        precondition(limit > 0 && limit <= Int(Int32.max))
        self.limit = limit
    }

    /// Whether no byte has come since the start or the last head.
    var isEmpty: Bool { kept.isEmpty }

    /// Takes bytes. How many of them belong to the head when it is complete (`take` then gives it), nil when all were
    /// kept.
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
            // Tabs stand in values, and whether a CR is bare shows at the LF. Any other control byte ends the line or
            // is an error.
            while stop < available, bytes[stop] == ASCII.tab || bytes[stop] == ASCII.carriageReturn {
                stop = bytes.indexOfControl(from: stop + 1, to: available)
            }
            let end = min(stop + 1, available)
            kept.append(taken..<end, of: bytes)
            taken = end
            if stop < available, try parser.parse(kept) { return taken }
        }
        if kept.count == limit {
            // What is wrong within the unfinished line comes before its length, as it would had the head come whole.
            _ = try parser.parse(kept)
            throw parser.excess
        }
        return nil
    }

    /// The complete head; the assembler is then ready for the next one and holds no memory.
    mutating func take() -> (line: Line, fields: HeaderFields, facts: FramingFacts) {
        guard let section = parser.section else { preconditionFailure("no head is complete") }
        let head = (parser.line, HeaderFields(bytes: kept, fields: section.fields), section.facts)
        kept = []
        parser = HeadParser()
        return head
    }
}
