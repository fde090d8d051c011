import Scanners

/// Reads the documents of events, one at a time. As large as the rest of a stream's state and idle between events, so
/// all streams of an event loop share it.
final class EventReader {
    let paths: ResponsePaths
    var scanner: JSONScanner

    init(_ paths: ResponsePaths) {
        self.paths = paths
        scanner = JSONScanner(paths.set, acceptsNonFinite: true)
    }
}
