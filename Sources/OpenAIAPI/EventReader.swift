import WireScan

/// Reads the documents of events, one after the other. What that takes is as large as all else that a stream needs, and it is not
/// needed between two events: all streams of an event loop share it.
final class EventReader {
    let watches: AnswerWatches
    var scanner: JSONScanner

    init(_ watches: AnswerWatches) {
        self.watches = watches
        scanner = JSONScanner(watches.list)
    }
}

/// The readers of an event loop.
package final class EventReaders {
    private var readers: [EventReader] = []

    /// No reader yet: they are made as they are needed.
    package init() {}

    /// The one for the streams of `endpoint`.
    func reader(for endpoint: Endpoint) -> EventReader {
        let watches = AnswerWatches.watches(for: endpoint, .event)
        if let reader = readers.first(where: { $0.watches === watches }) { return reader }
        let reader = EventReader(watches)
        readers.append(reader)
        return reader
    }
}
