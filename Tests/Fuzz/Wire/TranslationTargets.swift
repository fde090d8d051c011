import Bytes
import Fuzzing
import MessagesAPI
import OpenAIAPI
import ResponsesAPI

/// Requests and streams of the Responses and Messages APIs: what comes out is valid for every input, and the same for any split.
extension FuzzTarget {
    static let responsesRequests = FuzzTarget("responses-requests") { data, count in
        examine(data, count) { checkRequest($0, .responses) }
    }

    static let messagesRequests = FuzzTarget("messages-requests") { data, count in
        examine(data, count) { checkRequest($0, .messages) }
    }

    static let responsesStreams = FuzzTarget("responses-streams") { data, count in
        examine(data, count) { checkStream($0, .responses) }
    }

    static let messagesStreams = FuzzTarget("messages-streams") { data, count in
        examine(data, count) { checkStream($0, .messages) }
    }
}

/// An API that is translated.
private struct TranslatedAPI: Sendable {
    let translate: @Sendable ([UInt8], TranslationContext) throws(APIError) -> TranslatedRequest
    /// The request of all streams.
    let seed: [UInt8]
    /// The last events of a response that is whole.
    let lastEvents: [StaticString]
    let numbersEvents: Bool

    static let responses = TranslatedAPI(
        translate: ResponsesRequest.translated,
        seed: Array(
            #"{"model":"m","input":"hi","tools":[{"type":"custom","name":"c"},{"type":"namespace","name":"n","tools":[{"type":"function","name":"f"}]}]}"#
                .utf8),
        lastEvents: ["response.completed", "response.incomplete"], numbersEvents: true)

    static let messages = TranslatedAPI(
        translate: MessagesRequest.translated,
        seed: Array(#"{"model":"m","messages":[],"thinking":{"type":"enabled"}}"#.utf8),
        lastEvents: ["message_stop"], numbersEvents: false)

    /// A translator of a stream.
    func translator() -> any ResponseTranslator {
        do throws(APIError) { return try translate(seed, context).response } catch {
            fatalError("the seed is no request")
        }
    }
}

/// A stream that answers any request.
private let answer = Array("data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}\n\n".utf8)

/// The readers of all inputs, as streams of one loop share them.
///
/// Sound: libFuzzer calls its target on one thread.
private nonisolated(unsafe) let readers = EventReaders()

private var context: TranslationContext { TranslationContext(id: "i", createdAt: 1, readers: readers) }

/// Deeper than any input can be.
private let depth = 4096

/// Checks that a request that is translated is a valid chat request, also after the edits of the gateway.
private func checkRequest(_ input: Span<UInt8>, _ api: TranslatedAPI) {
    let body = input.array
    do throws(APIError) {
        let translated = try api.translate(body, context)
        let chat = translated.pieces.joined(with: body)
        require(chat.count == translated.pieces.count, "pieces have the length that they state")
        require(JSONGrammar.accepts(chat.span, depth: depth) == true, "a translated request is JSON")
        require(
            translated.dropped.allSatisfy { $0.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } }, "names fit into a header")
        var output: [UInt8] = []
        translated.response.receive(answer.span, at: 2, to: &output)
        translated.response.finish(at: 2, to: &output)
        require(OutputEvents(output.span, of: api).count > 0, "a response has events, whatever it repeats")
        let scanner = try RequestScanner(endpoint: .chatCompletions, contentType: nil)
        try scanner.scan(chat.span)
        let edits = try scanner.finish().edits(servedModel: "served", askForUsage: true, outputBound: 7)
        let edited = translated.pieces.edited(by: edits)
        require(edited.count == edits.newLength(of: chat.count), "edited pieces have the length that they state")
        let whole = edited.joined(with: body)
        require(JSONGrammar.accepts(whole.span, depth: depth) == true, "an edited request is JSON")
    } catch {
        require((400..<500).contains(error.status), "a refusal is the client's fault")
        require(JSONGrammar.accepts(error.body().span, depth: depth) == true, "an error is JSON")
        require(
            JSONGrammar.accepts(MessagesError.body(error, requestID: "r").span, depth: depth) == true,
            "an error is JSON")
    }
}

/// Checks that the events of any stream are valid, and the same for any split.
private func checkStream(_ input: Span<UInt8>, _ api: TranslatedAPI) {
    func output(_ pieces: some Sequence<Range<Int>>) -> (bytes: [UInt8], end: TranslationEnd?) {
        let translator = api.translator()
        var output: [UInt8] = []
        for piece in pieces { translator.receive(input.extracting(piece), at: 2, to: &output) }
        translator.finish(at: 2, to: &output)
        return (output, translator.end)
    }
    let whole = output([input.indices])
    let split = output(Splits(input))
    require(whole.bytes == split.bytes && whole.end == split.end, "a split stream is translated as the whole")
    require(whole.end != nil, "every stream has an end")
    let events = OutputEvents(whole.bytes.span, of: api)
    require(events.areWhole == (whole.end == .complete), "the last event tells how the stream ended")

    let stopped = api.translator()
    var rest: [UInt8] = []
    stopped.receive(input, at: 2, to: &rest)
    stopped.stop(at: 2, to: &rest)
    let stoppedEvents = OutputEvents(rest.span, of: api)
    require(stoppedEvents.areWhole == (stopped.end == .complete), "a stopped stream has an end")
    checkDocument(input, api)
}

/// Checks that what is made of a body that is no stream is JSON.
private func checkDocument(_ input: Span<UInt8>, _ api: TranslatedAPI) {
    let body = input.array
    let translator = api.translator()
    if let document = translator.document(body, at: 2) {
        require(JSONGrammar.accepts(document.span, depth: depth) == true, "a translated document is JSON")
    }
    require(
        JSONGrammar.accepts(translator.errorBody(status: 500, body).span, depth: depth) == true
            || JSONGrammar.accepts(input, depth: depth) != true, "a translated error is JSON")
}

/// The events of a translated stream, each of which must be two lines: `event`, and `data` with JSON that begins with its type.
private struct OutputEvents {
    private(set) var count = 0
    /// The events tell the client that the response is whole.
    private(set) var areWhole = false

    init(_ bytes: Span<UInt8>, of api: TranslatedAPI) {
        var index = 0
        while index < bytes.count {
            let name = bytes.extracting(Self.line(bytes, after: "event: ", &index))
            let data = bytes.extracting(Self.line(bytes, after: "data: ", &index))
            require(index < bytes.count && bytes[index] == ASCII.lineFeed, "an event has one line of data")
            index += 1
            require(JSONGrammar.accepts(data, depth: depth) == true, "the data of an event is JSON")
            var position = 0
            Self.skip("{\"type\":\"", in: data, &position)
            require(
                position + name.count <= data.count
                    && data.extracting(position..<position + name.count).hasSameBytes(as: name),
                "the name of an event is its type")
            position += name.count
            Self.skip("\"", in: data, &position)
            if api.numbersEvents { Self.skipNumber(count, in: data, &position) }
            areWhole = api.lastEvents.contains { name.equals($0) }
            count += 1
        }
    }

    /// The rest of the line that begins with `start`. Moves `index` behind it.
    private static func line(_ bytes: Span<UInt8>, after start: StaticString, _ index: inout Int) -> Range<Int> {
        skip(start, in: bytes, &index)
        let end = bytes.index(of: ASCII.lineFeed, from: index)
        require(end < bytes.count, "a line of an event has an end")
        defer { index = end + 1 }
        return index..<end
    }

    private static func skipNumber(_ number: Int, in data: Span<UInt8>, _ position: inout Int) {
        skip(",\"sequence_number\":", in: data, &position)
        for digit in String(number).utf8 {
            require(position < data.count && data[position] == digit, "events are numbered without gaps")
            position += 1
        }
        require(position < data.count && !ASCII.isDigit(data[position]), "events are numbered without gaps")
    }

    private static func skip(_ text: StaticString, in bytes: Span<UInt8>, _ index: inout Int) {
        require(bytes.hasPrefix(text, from: index, to: bytes.count), "an event has its name, its data and its type")
        index += text.utf8CodeUnitCount
    }
}
