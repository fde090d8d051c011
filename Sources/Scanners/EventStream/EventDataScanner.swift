import Bytes

/// Finds the `data` of one server-sent event in pieces of any size, for an event that is too large to be held.
///
/// Gives the bytes that `EventFields` and `joinedData(of:)` give for the whole event.
package struct EventDataScanner: Sendable {
    /// The place of the next byte.
    private enum State: Sendable {
        /// In a byte order mark at the start of the event, after so many of its bytes.
        case mark(Int)
        /// In a line that so far has this many bytes of `data`.
        case name(Int)
        /// After the colon of a `data` line. One space can follow that is not part of the data.
        case colon
        case data
        /// In a line without data.
        case other
    }

    private static let name: StaticString = "data"
    private static let separator = [ASCII.lineFeed]

    private var state = State.mark(0)
    private var dataLines = 0

    /// A scanner at the start of an event.
    package init() {}

    /// Reads the next piece of the event. Calls `body` with the data in it, in order.
    package mutating func scan(_ bytes: Span<UInt8>, _ body: (Span<UInt8>) -> Void) {
        var index = 0
        while index < bytes.count {
            switch state {
            case .mark(let count) where count < ByteOrderMark.length && bytes[index] == ByteOrderMark.byte(at: count):
                state = .mark(count + 1)
                index += 1
            case .mark(let count): state = count == 0 || count == ByteOrderMark.length ? .name(0) : .other
            case .name(let count):
                scanName(bytes[index], count, body)
                index += 1
            case .colon:
                state = .data
                if bytes[index] == ASCII.space { index += 1 }
            case .data, .other:
                let end = bytes.indexOfLineEnd(from: index)
                if case .data = state, end > index { body(bytes.extracting(index..<end)) }
                if end < bytes.count { state = .name(0) }
                index = end + 1
            }
        }
    }

    /// Reads a byte of a line that begins with `count` bytes of the name.
    private mutating func scanName(_ byte: UInt8, _ count: Int, _ body: (Span<UInt8>) -> Void) {
        let isComplete = count == Self.name.utf8CodeUnitCount
        switch byte {
        case ASCII.lineFeed, ASCII.carriageReturn:
            // The name alone is a line without data in it.
            if isComplete { beginData(body) }
            state = .name(0)
        case ASCII.colon where isComplete:
            beginData(body)
            state = .colon
        default:
            state = !isComplete && byte == Self.name.utf8Start[count] ? .name(count + 1) : .other
        }
    }

    private mutating func beginData(_ body: (Span<UInt8>) -> Void) {
        if dataLines > 0 { body(Self.separator.span) }
        dataLines = 1
    }
}
