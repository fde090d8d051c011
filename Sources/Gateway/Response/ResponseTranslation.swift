import Clocks
import HTTP1
import OpenAIAPI

/// Makes another API's response of the upstream's chat completion, on its way to the client.
///
/// A stream is translated event by event; a document and an error as a whole. Keys of the upstream are masked in what it makes,
/// where text that came in several events may be in one piece.
final class ResponseTranslation {
    /// The value of `x-propylon-dropped`: what was left out of the request; nil where nothing was.
    let dropped: String?
    private let translator: any ResponseTranslator
    private let secrets: UpstreamSecrets
    private let clock: any TimeSource
    private var form = Form.document
    /// Bytes of the upstream's response that are not translated yet: the last ones of a stream, else all.
    var received: [UInt8] = []
    /// Bytes of the client's response so far.
    private(set) var count = 0
    /// A document that is no chat completion was translated.
    private var hasUnknownDocument = false

    /// The form of the upstream's response.
    private enum Form: Equatable {
        case stream, document
        case error(status: Int)
    }

    /// The most bytes of a response that is translated as a whole.
    static let sizeLimit = ChatResponseReader.holdLimit

    init(_ request: TranslatedRequest, secrets: UpstreamSecrets, clock: any TimeSource) {
        dropped = Self.list(of: request.dropped)
        translator = request.response
        self.secrets = secrets
        self.clock = clock
    }

    /// The first of the different `names`, whose number and length clients choose.
    private static func list(of names: [String]) -> String? {
        var listed: [Substring] = []
        for name in names where listed.count < 16 && !listed.contains(name.prefix(64)) {
            listed.append(name.prefix(64))
        }
        return listed.isEmpty ? nil : listed.joined(separator: ", ")
    }

    /// Begins a response with `head`. Returns true for a stream of events.
    func begin(_ head: ResponseHead) -> Bool {
        guard (200..<300).contains(head.status) else {
            form = .error(status: head.status)
            return false
        }
        let isStream = head.fields.declareEventStream
        form = isStream ? .stream : .document
        return isStream
    }

    /// The content type of the translated response.
    var contentType: String { form == .stream ? "text/event-stream" : "application/json" }

    /// The response is not whole: the upstream's stream failed or broke off, or it is no chat completion.
    var hasFailed: Bool { translator.end == .failed || hasUnknownDocument }

    /// Translates what was received of a stream.
    func advance(to output: inout [UInt8]) {
        // Moved out, because a span of `received` would bar access to the rest of the translation.
        var bytes: [UInt8] = []
        swap(&bytes, &received)
        append(to: &output) { translator.receive(bytes.span, at: now, to: &$0) }
        bytes.removeAll(keepingCapacity: bytes.capacity <= 4096)
        swap(&bytes, &received)
    }

    /// Ends a response whose body has ended.
    func finish(to output: inout [UInt8]) {
        switch form {
        case .stream:
            advance(to: &output)
            append(to: &output) { translator.finish(at: now, to: &$0) }
        case .document:
            guard let document = translator.document(received, at: now) else { return hasUnknownDocument = true }
            append(to: &output) { $0 += document }
        case .error(let status): append(to: &output) { $0 += translator.errorBody(status: status, received) }
        }
        received = []
    }

    /// Ends a stream at its limit of tokens, as if the model had.
    func stop(to output: inout [UInt8]) { append(to: &output) { translator.stop(at: now, to: &$0) } }

    /// The event that ends a stream with `error`; empty if it has ended.
    func failure(_ error: UpstreamError) -> [UInt8] {
        var event: [UInt8] = []
        append(to: &event) { translator.fail(error, at: now, to: &$0) }
        return event
    }

    /// Seconds since 1970.
    private var now: Int64 { clock.now.seconds }

    private func append(to output: inout [UInt8], _ write: (inout [UInt8]) -> Void) {
        let start = output.count
        write(&output)
        count += output.count - start
        secrets.mask(&output, from: start)
    }
}

extension HeaderFields {
    /// True where the content type is that of server-sent events.
    var declareEventStream: Bool { first("content-type").map { hasPrefix($0, "text/event-stream") } ?? false }
}
