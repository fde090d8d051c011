/// Hears of the keys and values of a document while a scanner reads it.
///
/// The scanner is compiled once for each kind of sink, so one that does nothing costs nothing.
protocol JSONValueSink {
    /// Adds a key, or a value that is no container, at `start..<end`, with its quotes.
    mutating func add(_ kind: JSONKind, from start: Int, to end: Int, hasEscapes: Bool)

    /// Adds an object or array whose opening bracket is at `start`.
    mutating func open(_ kind: JSONKind, at start: Int)

    /// Ends the innermost object or array before `end`.
    mutating func close(at end: Int)
}

/// The sink of scanners that look for paths alone.
struct JSONValuesIgnored: JSONValueSink {
    @inline(__always)
    mutating func add(_ kind: JSONKind, from start: Int, to end: Int, hasEscapes: Bool) {}

    @inline(__always)
    mutating func open(_ kind: JSONKind, at start: Int) {}

    @inline(__always)
    mutating func close(at end: Int) {}
}
