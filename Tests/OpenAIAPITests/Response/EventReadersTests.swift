import Testing

@testable import OpenAIAPI

@Suite struct EventReadersTests {
    @Test func streamsOfAnEndpointShareAReader() {
        let readers = EventReaders()
        let first = readers.reader(for: .chatCompletions)
        #expect(readers.reader(for: .chatCompletions) === first)
        #expect(readers.reader(for: .other) !== first)
        #expect(readers.reader(for: .chatCompletions) === first)
    }

    @Test func eventLoopsShareNothing() {
        #expect(EventReaders().reader(for: .other) !== EventReaders().reader(for: .other))
    }

    @Test func readersReadEvents() {
        #expect(EventReaders().reader(for: .completions).paths === ResponsePaths.of(.completions, .event))
    }

    @Test func interleavedStreamsDoNotMix() {
        let readers = EventReaders()
        let streams = (0..<3).map { _ in
            EventStreamTransform(endpoint: .chatCompletions, readers: readers, hidesUsage: false)
        }
        var output: [UInt8] = []
        for event in 0..<5 {
            for (index, stream) in streams.enumerated() {
                let data = #"data: {"id":"s\#(index)","choices":[{"delta":{"content":"\#(event)"}}]}"#
                // The pieces of three streams alternate.
                stream.transform(Array(data.utf8.prefix(20)).span, to: &output)
                stream.transform((Array(data.utf8.dropFirst(20)) + [10, 10]).span, to: &output)
            }
        }
        #expect(streams.map(\.metadata.id) == ["s0", "s1", "s2"])
        #expect(streams.map(\.counters.contentDeltas) == [5, 5, 5])
    }
}
