import Scanners

/// Reads the documents of events, one after the other. What that takes is as large as all else that a stream needs, and it is not
/// needed between two events: all streams of an event loop share it.
final class EventReader {
    let paths: ResponsePaths
    var scanner: JSONScanner

    init(_ paths: ResponsePaths) {
        self.paths = paths
        scanner = JSONScanner(paths.list)
    }
}

/// The readers of an event loop.
package final class EventReaders {
    private var readers: [EventReader] = []

    /// No reader yet: they are made as they are needed.
    package init() {}

    /// The one for the streams of `endpoint`.
    func reader(for endpoint: Endpoint) -> EventReader {
        let paths = ResponsePaths.paths(for: endpoint, .event)
        if let reader = readers.first(where: { $0.paths === paths }) { return reader }
        let reader = EventReader(paths)
        readers.append(reader)
        return reader
    }
}
