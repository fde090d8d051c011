import Bytes
import HTTP1
import OpenAIAPI

/// Reads a response as it passes, and makes the bytes that go to the client.
///
/// Events are passed on whole, everything else as it comes. The gateway changes only what it added to the request.
final class ResponseTransform {
    // At most one of the two, by the response's content type.
    private var stream: EventStreamTransform?
    private var document: ResponseScanner?
    private var inflater: Inflater?
    /// True where neither reads the body, and it may be text: then all of it may be output.
    private var mayBeUnreadText = false
    /// False for a body in a coding, which can be looked into but not changed.
    private let isPlain: Bool
    /// Makes another API's response of the body; nil where the client gets the upstream's bytes.
    private let translation: ResponseTranslation?
    /// Bytes of the upstream's body so far.
    private(set) var count = 0
    /// Bytes of the client's so far.
    var passed: Int { translation?.count ?? count }
    private var filter: SecretFilter
    /// Bytes of a body in a coding whose plain text ends with what may be the beginning of a key.
    private var withheld: [UInt8] = []
    /// The reason why no more of the body may pass; nil while it may.
    private(set) var obstacle: Obstacle?

    /// A reason why a body must not pass.
    enum Obstacle: String {
        /// It is in a coding, and one of the upstream's keys is in it, which could not be masked.
        case key = "upstream_key_quoted"
        /// It cannot be read: it is damaged, or in a coding that was not asked for (RFC 9110, section 12.5.3).
        case coding = "unreadable_coding"
        /// It is too large to be translated as a whole.
        case size = "too_large_to_translate"
    }

    init(
        _ head: ResponseHead, endpoint: Endpoint, readers: EventReaders, hidesUsage: Bool, secrets: UpstreamSecrets,
        isDecoded: Bool = false, translation: ResponseTranslation? = nil
    ) {
        self.translation = translation
        filter = SecretFilter(secrets)
        let fields = head.fields
        let coding = isDecoded ? .identity : fields.contentCoding
        isPlain = coding == .identity
        let mayStream = translation?.begin(head) ?? true
        // Text of any length is read as it passes: nothing of it is kept. What is translated was asked for without a coding.
        if coding == .inflatable, translation == nil { inflater = Inflater(limit: .max) }
        guard coding != .other, let type = fields.first("content-type") else {
            mayBeUnreadText = true
            return
        }
        if mayStream, fields.hasPrefix(type, "text/event-stream") {
            stream = EventStreamTransform(endpoint: endpoint, readers: readers, hidesUsage: hidesUsage && isPlain)
        } else if fields.hasPrefix(type, "application/json") {
            document = ResponseScanner(endpoint: endpoint)
        } else {
            mayBeUnreadText = !fields.holdsNoText(type)
        }
    }

    /// Receives `bytes` and appends to `output` the bytes for the client.
    func receive(_ bytes: Span<UInt8>, to output: inout [UInt8]) {
        count += bytes.count
        guard isPlain else { return receive(compressed: bytes, to: &output) }
        if let translation { return translate(bytes, by: translation, to: &output) }
        let start = output.count
        filter.begin(&output)
        scan(bytes, to: &output)
        filter.end(&output, from: start)
    }

    @inline(never)
    private func translate(_ bytes: Span<UInt8>, by translation: ResponseTranslation, to output: inout [UInt8]) {
        scan(bytes, to: &translation.received)
        if isStream {
            translation.advance(to: &output)
        } else if translation.received.count > ResponseTranslation.sizeLimit {
            translation.received = []
            obstacle = .size
        }
    }

    @inline(never)
    private func receive(compressed bytes: Span<UInt8>, to output: inout [UInt8]) {
        guard obstacle == nil, !bytes.isEmpty else { return }
        obstacle = inflate(bytes)
        withheld.append(bytes)
        if obstacle == nil {
            guard !filter.isHolding else { return }
            output.append(contentsOf: withheld)
        }
        withheld.removeAll()
    }

    /// Reads the plain text of `bytes`. Returns the reason why they must not pass.
    private func inflate(_ bytes: Span<UInt8>) -> Obstacle? {
        guard var inflater = inflater.take() else { return .coding }
        var hasKey = false
        var plainText: [UInt8] = []
        inflater.inflate(bytes) { plain in
            scan(plain, to: &plainText)
            plainText.removeAll(keepingCapacity: true)
            // Not in what the scan made of it, which lacks the beginning of the next event.
            filter.begin(&plainText)
            plainText.append(plain)
            if filter.end(&plainText, from: 0) { hasKey = true }
            plainText.removeAll(keepingCapacity: true)
        }
        let isDamaged = inflater.isDamaged
        self.inflater = consume inflater
        return hasKey ? .key : isDamaged ? .coding : nil
    }

    private func scan(_ bytes: Span<UInt8>, to output: inout [UInt8]) {
        if stream != nil {
            stream?.transform(bytes, to: &output)
        } else {
            document?.scan(bytes)
            output.append(bytes)
        }
    }

    /// Ends a complete response: appends what was held back.
    func finish(to output: inout [UInt8]) {
        document?.finish()
        if let translation {
            stream?.finish(to: &translation.received)
            return translation.finish(to: &output)
        }
        var rest: [UInt8] = []
        stream?.finish(to: &rest)
        filter.finish(&rest)
        output.append(contentsOf: isPlain ? rest : withheld)
    }

    /// The metadata of the response as far as it has come.
    var metadata: ResponseMetadata? { stream?.metadata ?? document?.metadata }

    /// The counters of the response: cheap, read for each event. Nil for images, sounds and the like.
    var counters: ResponseCounters? { stream?.counters ?? document?.counters ?? unreadText }

    private var unreadText: ResponseCounters? {
        guard mayBeUnreadText else { return nil }
        var counters = ResponseCounters()
        counters.addUnread(bytes: count)
        return counters
    }

    /// True while more of the body could tell more about who answered.
    var awaitsIdentity: Bool {
        if let stream { return !stream.hasSeenEvent }
        if let document { return !document.hasIdentity }
        return false
    }

    /// True for a stream of events. Its length may change on the way, so it is never announced.
    var isStream: Bool { stream != nil }

    /// True once a stream's event has passed; comments are none.
    var hasSeenEvent: Bool { stream?.hasSeenEvent ?? false }

    /// True once the stream has said that it is complete.
    var sawDone: Bool { stream?.sawDone ?? false }

    /// True where an error event can follow what was passed on: it ended with a whole event.
    var canTakeAnEvent: Bool { isPlain && (stream?.isBetweenEvents == true || translation != nil && isStream) }

    /// True for a body of which nothing passes before its end.
    var passesAsWhole: Bool { translation != nil && !isStream }

    /// True once the translated response cannot become whole any more.
    var hasFailed: Bool { translation?.hasFailed ?? false }
}

extension HeaderFields {
    private static let typesWithoutText: [StaticString] = [
        "image/", "audio/", "video/", "application/octet-stream", "application/pdf", "application/zip",
    ]

    /// Returns true for the content type of a body in which a model has written no text.
    fileprivate func holdsNoText(_ type: Range<Int>) -> Bool {
        Self.typesWithoutText.contains { hasPrefix(type, $0) }
    }
}
