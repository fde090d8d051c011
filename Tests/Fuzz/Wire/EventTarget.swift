import Bytes
import Fuzzing
import OpenAIAPI

/// Event streams: any split has the same output and metadata, and nothing is lost where nothing is hidden.
extension FuzzTarget {
    static let events = FuzzTarget("events") { data, count in
        examine(data, count) { bytes in
            let readers = eventReaders
            let splits = Splits(bytes)
            let hidesUsage = splits.coin
            let whole = StreamOutcome([bytes.indices], bytes, readers, hidesUsage)
            let split = StreamOutcome(splits, bytes, readers, hidesUsage)
            require(whole == split, "a split stream is read as the whole")
            if !hidesUsage { require(whole.output.span.hasSameBytes(as: bytes), "a stream passes unchanged") }
            require(whole.output.count <= bytes.count, "a stream does not grow")
        }
    }
}

/// The readers of all inputs, as streams of one loop share them: an earlier stream must not show in a later one.
///
/// Sound: libFuzzer calls its target on one thread.
private nonisolated(unsafe) let eventReaders = EventReaders()

/// What a transform made of a stream.
private struct StreamOutcome: Equatable {
    var output: [UInt8] = []
    var metadata: ResponseMetadata
    var sawDone: Bool
    var hasSeenEvent: Bool
    var isBetweenEvents: Bool

    init(_ pieces: some Sequence<Range<Int>>, _ bytes: Span<UInt8>, _ readers: EventReaders, _ hidesUsage: Bool) {
        let transform = EventStreamTransform(endpoint: .chatCompletions, readers: readers, hidesUsage: hidesUsage)
        for piece in pieces { transform.transform(bytes.extracting(piece), to: &output) }
        transform.finish(to: &output)
        metadata = transform.metadata
        sawDone = transform.sawDone
        hasSeenEvent = transform.hasSeenEvent
        isBetweenEvents = transform.isBetweenEvents
    }
}
