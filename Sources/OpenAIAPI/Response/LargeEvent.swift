import Scanners

/// An event that is too large to be held, which is read while it passes.
final class LargeEvent {
    private var data = EventDataScanner()
    private let document: ResponseScanner
    /// Data of the event has passed.
    private(set) var hasData = false

    init(_ paths: ResponsePaths) { document = ResponseScanner(paths) }

    /// The metadata known so far.
    var metadata: ResponseMetadata { document.metadata }

    /// The billable counters so far.
    var counters: ResponseCounters { document.counters }

    /// Reads the next piece of the event.
    func read(_ bytes: Span<UInt8>) {
        data.scan(bytes) { piece in
            hasData = true
            document.scan(piece)
        }
    }
}
