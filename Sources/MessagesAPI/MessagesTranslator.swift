import Bytes
import OpenAIAPI
import Scanners

/// Makes a message of the Messages API of a chat completion.
///
/// This file has the ends of the message, and `+Blocks` the blocks of its content.
final class MessagesTranslator: ChatStreamTranslator {
    private let context: TranslationContext
    let reader: ChatResponseReader
    /// The content of the JSON string that names the model of the request.
    private let requestedModel: [UInt8]
    /// The client has asked for the model's thinking.
    let showsThinking: Bool

    var writer = EventWriter()
    /// False while a whole document is translated.
    private(set) var writesEvents = true
    var end: TranslationEnd?
    /// The number of blocks that have ended.
    var blockCount: Int64 = 0
    /// The block of a stream that has not ended.
    var block: ChatOutputPart?
    /// The text of the block that has not ended, and the blocks of the content; only for a document.
    var text: [UInt8] = []
    var blocks: [UInt8] = []

    init(_ context: TranslationContext, model: JSONValue?, showsThinking: Bool) {
        self.context = context
        reader = ChatResponseReader(context)
        requestedModel = model.map { Array($0.contentBytes) } ?? []
        self.showsThinking = showsThinking
    }

    // MARK: Ends

    func writeEnd(at now: Int64) {
        writer.begin("message_delta")
        writer.json { output in
            output.append(#","delta":{"#)
            appendStop(to: &output)
            output.append(#"},"usage":"#)
            append(reader.usage, to: &output)
        }
        writer.end()
        writer.begin("message_stop")
        writer.end()
    }

    func writeFailure(_ error: UpstreamError) {
        writer.begin("error")
        writer.json { MessagesError.appendMembers(of: error, requestID: context.id, to: &$0) }
        writer.end()
    }

    // MARK: Documents

    func document(_ body: [UInt8], at now: Int64) -> [UInt8]? {
        writesEvents = false
        guard reader.read(document: body, self) else { return nil }
        var output: [UInt8] = []
        output.append(#"{"#)
        appendHead(to: &output)
        output.append(#","content":["#)
        output.append(contentsOf: blocks)
        output.append("],")
        appendStop(to: &output)
        output.append(#","usage":"#)
        append(reader.usage, to: &output)
        output.append(ASCII.closingBrace)
        return output
    }

    func errorBody(status: Int, _ body: [UInt8]) -> [UInt8] {
        MessagesError.body(UpstreamError(body: body, status: status), requestID: context.id)
    }

    // MARK: Members

    /// Appends the members that are known from the beginning.
    private func appendHead(to output: inout [UInt8]) {
        output.append(#""id":"msg_"#)
        output.append(contentsOf: context.id.utf8)
        output.append(#"","type":"message","role":"assistant","model":""#)
        output.append(contentsOf: reader.model ?? requestedModel)
        output.append(#"""#)
    }

    private func appendStop(to output: inout [UInt8]) {
        output.append(#""stop_reason":""#)
        var sequence: [UInt8]?
        switch reader.finish {
        case .stop: output.append("end_turn")
        case .stopSequence(let text):
            output.append("stop_sequence")
            sequence = text
        case .toolCalls: output.append("tool_use")
        case .length: output.append("max_tokens")
        case .contentFilter: output.append("refusal")
        }
        output.append(#"","stop_sequence":"#)
        guard let sequence else { return output.append("null") }
        output.append(ASCII.quote)
        output.append(contentsOf: sequence)
        output.append(ASCII.quote)
    }

    /// Appends the usage, in which cached tokens are not among the input tokens; zeros where the upstream states none.
    private func append(_ usage: UpstreamUsage?, to output: inout [UInt8]) {
        let usage = usage ?? UpstreamUsage(.tokens)
        output.append(#"{"input_tokens":"#)
        output.appendDecimal(max(0, usage.promptTokens - usage.cachedTokens))
        output.append(#","cache_creation_input_tokens":0,"cache_read_input_tokens":"#)
        output.appendDecimal(usage.cachedTokens)
        output.append(#","output_tokens":"#)
        output.appendDecimal(usage.completionTokens)
        if usage.reasoningTokens > 0 {
            output.append(#","output_tokens_details":{"thinking_tokens":"#)
            output.appendDecimal(usage.reasoningTokens)
            output.append(ASCII.closingBrace)
        }
        output.append(ASCII.closingBrace)
    }

    /// Writes the events that begin the message.
    func start() {
        guard writesEvents else { return }
        writer.begin("message_start")
        writer.json { output in
            output.append(#","message":{"#)
            appendHead(to: &output)
            output.append(#","content":[],"stop_reason":null,"stop_sequence":null,"usage":"#)
            append(reader.usage, to: &output)
            output.append(ASCII.closingBrace)
        }
        writer.end()
        writer.begin("ping")
        writer.end()
    }
}
