import Bytes
import Fuzzing
import MessagesAPI
import OpenAIAPI
import ResponsesAPI

/// Requests and streams of the Responses and Messages APIs: what comes out is valid for every input, and the same for any split.
extension FuzzTarget {
    static let responsesRequests = FuzzTarget("responses-requests") { data, count in
        examine(data, count) { checkRequest($0, ResponsesRequest.translated) }
    }

    static let messagesRequests = FuzzTarget("messages-requests") { data, count in
        examine(data, count) { checkRequest($0, MessagesRequest.translated) }
    }

    static let responsesStreams = FuzzTarget("responses-streams") { data, count in
        examine(data, count) { bytes in
            checkStream(bytes, responsesSeed, ResponsesRequest.translated) { events in
                for (number, event) in events.enumerated() {
                    require(event.has("\"sequence_number\":\(number),"), "events are numbered without gaps")
                }
                let last = events.last?.name ?? ""
                return ["response.completed", "response.incomplete"].contains(last)
            }
        }
    }

    static let messagesStreams = FuzzTarget("messages-streams") { data, count in
        examine(data, count) { bytes in
            checkStream(bytes, messagesSeed, MessagesRequest.translated) { $0.last?.name == "message_stop" }
        }
    }
}

private typealias Translation = ([UInt8], TranslationContext) throws(APIError) -> TranslatedRequest

private let responsesSeed = Array(
    #"{"model":"m","input":"hi","tools":[{"type":"custom","name":"c"},{"type":"namespace","name":"n","tools":[{"type":"function","name":"f"}]}]}"#
        .utf8)
private let messagesSeed = Array(#"{"model":"m","messages":[],"thinking":{"type":"enabled"}}"#.utf8)

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
private func checkRequest(_ input: Span<UInt8>, _ translate: Translation) {
    let body = input.array
    do throws(APIError) {
        let translated = try translate(body, context)
        let chat = translated.pieces.joined(with: body)
        require(chat.count == translated.pieces.count, "pieces have the length that they state")
        require(JSONGrammar.accepts(chat.span, depth: depth) == true, "a translated request is JSON")
        require(
            translated.dropped.allSatisfy { $0.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } }, "names fit into a header")
        var output: [UInt8] = []
        translated.response.receive(answer.span, at: 2, to: &output)
        translated.response.finish(at: 2, to: &output)
        require(!OutputEvent.all(in: output).isEmpty, "a response has events, whatever it repeats")
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
///
/// - Parameter isWhole: returns true if the events tell the client that the response is whole.
private func checkStream(
    _ input: Span<UInt8>, _ request: [UInt8], _ translate: Translation, isWhole: ([OutputEvent]) -> Bool
) {
    func translator() -> any ResponseTranslator {
        do throws(APIError) { return try translate(request, context).response } catch {
            fatalError("the seed is no request")
        }
    }
    func output(_ pieces: some Sequence<Range<Int>>) -> (bytes: [UInt8], end: TranslationEnd?) {
        let translator = translator()
        var output: [UInt8] = []
        for piece in pieces { translator.receive(input.extracting(piece), at: 2, to: &output) }
        translator.finish(at: 2, to: &output)
        return (output, translator.end)
    }
    let whole = output([input.indices])
    let split = output(Splits(input))
    require(whole.bytes == split.bytes && whole.end == split.end, "a split stream is translated as the whole")
    require(whole.end != nil, "every stream has an end")
    let events = OutputEvent.all(in: whole.bytes)
    require(isWhole(events) == (whole.end == .complete), "the last event tells how the stream ended")

    let stopped = translator()
    var rest: [UInt8] = []
    stopped.receive(input, at: 2, to: &rest)
    stopped.stop(at: 2, to: &rest)
    let stoppedEvents = OutputEvent.all(in: rest)
    require(isWhole(stoppedEvents) == (stopped.end == .complete), "a stopped stream has an end")

    let body = input.array
    if let document = translator().document(body, at: 2) {
        require(JSONGrammar.accepts(document.span, depth: depth) == true, "a translated document is JSON")
    }
    require(
        JSONGrammar.accepts(translator().errorBody(status: 500, body).span, depth: depth) == true
            || JSONGrammar.accepts(input, depth: depth) != true, "a translated error is JSON")
}

/// An event of a translated stream.
private struct OutputEvent {
    let name: String
    private let data: [UInt8]

    func has(_ text: String) -> Bool { String(decoding: data, as: UTF8.self).contains(text) }

    /// The events in `bytes`, which must be two lines each: `event`, and `data` with JSON.
    static func all(in bytes: [UInt8]) -> [OutputEvent] {
        var events: [OutputEvent] = []
        var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)[...]
        while lines.count > 1 {
            let (event, data, blank) = (lines.removeFirst(), lines.removeFirst(), lines.removeFirst())
            require(event.starts(with: Array("event: ".utf8)), "an event has its name")
            require(data.starts(with: Array("data: ".utf8)) && blank.isEmpty, "an event has one line of data")
            let json = Array(data.dropFirst(6))
            require(JSONGrammar.accepts(json.span, depth: depth) == true, "the data of an event is JSON")
            let name = String(decoding: event.dropFirst(7), as: UTF8.self)
            require(json.starts(with: Array("{\"type\":\"\(name)\"".utf8)), "the name of an event is its type")
            events.append(OutputEvent(name: name, data: json))
        }
        require(lines.first?.isEmpty != false, "the output ends with an event")
        return events
    }
}
