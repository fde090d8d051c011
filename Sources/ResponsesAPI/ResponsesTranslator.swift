import Bytes
import OpenAIAPI
import Scanners

/// Makes a response of the Responses API of a chat completion.
///
/// This file has the ends of the response. `+Items` has the items of its output, and `+Object` the object that states it whole.
final class ResponsesTranslator: ChatStreamTranslator {
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
    var end: TranslationEnd?

    /// The items that have ended, separated by commas.
    var items: [UInt8] = []
    /// The number of items that have ended.
    var itemCount: Int64 = 0
    /// The item that has not ended.
    var item: ResponsesItem?

    init(_ context: TranslationContext, model: JSONValue?, echo: [UInt8], _ tools: ResponsesTools) {
        self.context = context
        reader = ChatResponseReader(context)
        requestedModel = model.map { Array($0.contentBytes) } ?? []
        self.echo = echo
        origins = tools.origins
    }

    // MARK: Ends

    func writeEnd(at now: Int64) {
        let status = status
        event(status == .completed ? "response.completed" : "response.incomplete") {
            writer.append(#","response":"#)
            writer.append(object(status, completedAt: now))
        }
    }

    func writeFailure(_ error: UpstreamError) {
        reader.start(self)
        event("response.failed") {
            writer.append(#","response":"#)
            writer.append(object(.failed(error), completedAt: nil))
        }
    }

    /// The status at the end.
    private var status: ResponsesStatus {
        switch reader.finish {
        case .stop, .stopSequence, .toolCalls: .completed
        case .length: .incomplete(reason: "max_output_tokens")
        case .contentFilter: .incomplete(reason: "content_filter")
        }
    }

    // MARK: Documents

    func document(_ body: [UInt8], at now: Int64) -> [UInt8]? {
        writesEvents = false
        guard reader.read(document: body, self) else { return nil }
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

    /// Returns false for text that would make the response too large, and gives it up.
    func hasRoom(for count: Int) -> Bool {
        let isWithin = items.count + (item?.text.count ?? 0) + count <= Self.sizeLimit
        if !isWithin { reader.giveUp() }
        return isWithin
    }
}
