import Bytes
import Scanners

/// Cuts an event stream into the data of its events, in any split.
struct EventPayloads {
    /// The most bytes of an event that are held until its end.
    private let limit: Int
    private var boundaries = EventBoundaryScanner()
    /// The beginning of an event that has not ended yet.
    private var held: [UInt8] = []

    init(limit: Int) { self.limit = limit }

    /// Reads `bytes`, and calls `body` with the data of each event that ends in them.
    ///
    /// - Returns: false for an event above the limit. Read no further then.
    mutating func receive(_ bytes: Span<UInt8>, _ body: (Span<UInt8>) -> Void) -> Bool {
        var position = 0
        while let end = boundaries.nextEnd(in: bytes, from: position) {
            if held.isEmpty {
                Self.data(of: bytes.extracting(position..<end), body)
            } else {
                held.append(position..<end, of: bytes)
                flush(body)
            }
            position = end
        }
        held.append(position..<bytes.count, of: bytes)
        return held.count <= limit
    }

    /// Ends the stream. Its last event counts without a blank line too.
    mutating func finish(_ body: (Span<UInt8>) -> Void) { flush(body) }

    private mutating func flush(_ body: (Span<UInt8>) -> Void) {
        guard !held.isEmpty else { return }
        Self.data(of: held.span, body)
        held.removeAll(keepingCapacity: held.capacity <= 4096)
    }

    private static func data(of event: Span<UInt8>, _ body: (Span<UInt8>) -> Void) {
        let fields = EventFields(event)
        if let range = fields.data {
            if !range.isEmpty { body(event.extracting(range)) }
        } else if fields.dataLines > 0 {
            body(fields.joinedData(of: event).span)
        }
    }
}
