import Bytes
import OpenAIAPI
import Scanners

/// Makes a response of the Responses API of a chat completion.
///
/// This file has the life of the response. `+Items` has the items of its output, and `+Object` the object that states it whole.
final class ResponsesTranslator: ResponseTranslator {
    /// The most bytes of a response, which its last event states again.
    private static let sizeLimit = 32 << 20

    let context: TranslationContext
    let reader: ChatResponseReader
    /// The content of the JSON string that names the model of the request.
    let requestedModel: [UInt8]
    /// Members that repeat the request's.
    let echo: [UInt8]
    let origins: [[UInt8]: ResponsesTools.Origin]

    var writer = EventWriter()
    /// False while a whole document is translated.
    private var writesEvents = true
    private var sequence: Int64 = 0
    private(set) var end: TranslationEnd?

    /// The items that have ended, separated by commas.
    var items: [UInt8] = []
    /// The number of items that have ended.
    var itemCount: Int64 = 0
    /// The item that has not ended.
    var item: ResponsesItem?
    /// The gateway has stopped the stream.
    private var isStopped = false
    private var isOverLimit = false

    init(_ context: TranslationContext, model: JSONValue?, echo: [UInt8], _ tools: ResponsesTools) {
        self.context = context
        reader = ChatResponseReader(context)
        requestedModel = model.map { Array($0.contentBytes) } ?? []
        self.echo = echo
        origins = tools.origins
    }

    // MARK: Streams

    func receive(_ bytes: Span<UInt8>, at now: Int64, to output: inout [UInt8]) {
        guard end == nil else { return }
        reader.receive(bytes, self)
        settle(at: now)
        writer.flush(to: &output)
    }

    func finish(at now: Int64, to output: inout [UInt8]) {
        guard end == nil else { return }
        reader.end(self)
        settle(at: now)
        writer.flush(to: &output)
    }

    func stop(at now: Int64, to output: inout [UInt8]) {
        guard end == nil else { return }
        isStopped = true
        complete(at: now)
        writer.flush(to: &output)
    }

    func fail(_ error: APIError, at now: Int64, to output: inout [UInt8]) {
        guard end == nil else { return }
        fail(UpstreamError(error))
        writer.flush(to: &output)
    }

    /// Ends the stream if the upstream has.
    private func settle(at now: Int64) {
        if isOverLimit { return fail(UpstreamError(.upstreamProtocol)) }
        switch reader.state {
        case .reading: break
        case .complete: complete(at: now)
        case .failed(let error): fail(error)
        }
    }

    private func complete(at now: Int64) {
        reader.endOutput(self)
        if isOverLimit { return fail(UpstreamError(.upstreamProtocol)) }
        let status = status
        event(status == .completed ? "response.completed" : "response.incomplete") {
            writer.append(#","response":"#)
            writer.append(object(status, completedAt: now))
        }
        end = .complete
    }

    private func fail(_ error: UpstreamError) {
        reader.start(self)
        event("response.failed") {
            writer.append(#","response":"#)
            writer.append(object(.failed(error), completedAt: nil))
        }
        end = .failed
    }

    /// The status at the end.
    private var status: ResponsesStatus {
        if isStopped { return .incomplete(reason: "max_output_tokens") }
        return switch reader.finish {
        case .stop, .stopSequence, .toolCalls: .completed
        case .length: .incomplete(reason: "max_output_tokens")
        case .contentFilter: .incomplete(reason: "content_filter")
        }
    }

    /// True if the item that ends now was cut.
    var isCut: Bool { isStopped || reader.isCut }

    // MARK: Documents

    func document(_ body: [UInt8], at now: Int64) -> [UInt8]? {
        writesEvents = false
        guard reader.read(document: body, self), !isOverLimit else { return nil }
        return object(status, completedAt: now)
    }

    func errorBody(status: Int, _ body: [UInt8]) -> [UInt8] {
        UpstreamError(body: body, status: status).body(for: body)
    }

    // MARK: Events

    /// Writes an event with its number and the `members` that the caller appends.
    func event(_ type: StaticString, _ members: () -> Void) {
        guard writesEvents else { return }
        writer.begin(type)
        writer.append(#","sequence_number":"#)
        writer.append(sequence)
        sequence += 1
        members()
        writer.end()
    }

    /// Returns false once the response is too large to go on.
    func hasRoom(for count: Int) -> Bool {
        if items.count + (item?.text.count ?? 0) + count > Self.sizeLimit { isOverLimit = true }
        return !isOverLimit
    }
}
