/// The event readers of an event loop, made on first use.
package final class EventReaders {
    private var readers: [EventReader] = []
    /// The reader of chat chunks that are translated.
    private(set) lazy var chunks = ChatChunkReader()

    /// Creates an empty set of readers.
    package init() {}

    /// The reader for streams of `endpoint`.
    func reader(for endpoint: Endpoint) -> EventReader {
        let paths = ResponsePaths.of(endpoint, .event)
        if let reader = readers.first(where: { $0.paths === paths }) { return reader }
        let reader = EventReader(paths)
        readers.append(reader)
        return reader
    }
}
