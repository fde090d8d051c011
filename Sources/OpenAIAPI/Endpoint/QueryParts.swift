import Bytes

/// The parts of a query, as `limit=20`, between its ampersands.
enum QueryParts {
    /// Calls `body` with each part of `query`: its name and its value, decoded, nil for what is no text, and its place.
    /// A part without `=` has an empty value.
    static func forEach(
        in query: Span<UInt8>, _ body: (_ name: String?, _ value: String?, _ part: Range<Int>) -> Void
    ) {
        var start = 0
        while start < query.count {
            let end = query.index(of: UInt8(ascii: "&"), from: start)
            let part = query.extracting(start..<end)
            let equals = part.index(of: ASCII.equals, from: 0)
            let value = PercentCoding.strictlyDecoded(part.extracting(min(equals + 1, part.count)..<part.count))
            body(PercentCoding.strictlyDecoded(part.extracting(0..<equals)), value, start..<end)
            start = end + 1
        }
    }
}
