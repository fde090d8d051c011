import Scanners

/// An event that is too large to be held, which is read while it passes.
final class LargeEvent {
    private var data = EventDataScanner()
    private let document: ResponseScanner
    /// The beginning of the data, as far as it can be the end of the stream.
    private var start: [UInt8] = []
    /// Data of the event has passed.
    private(set) var hasData = false

    init(_ paths: ResponsePaths) { document = ResponseScanner(paths) }

    /// The metadata known so far.
    var metadata: ResponseMetadata { document.metadata }

    /// The event is the last of a stream, `[DONE]`. Its data is no text.
    var isDone: Bool { start.elementsEqual("[DONE]".utf8) }

    /// The billable counters so far.
    var counters: ResponseCounters { document.counters }

    /// Reads the next piece of the event.
    func read(_ bytes: Span<UInt8>) {
        data.scan(bytes) { piece in
            hasData = true
            if start.count <= 6 { start.append(0..<min(piece.count, 7 - start.count), of: piece) }
            document.scan(piece)
        }
    }
}
