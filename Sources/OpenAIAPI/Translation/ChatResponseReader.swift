import Bytes
import Scanners

/// Reads a chat completion, as a stream or as a whole, and gives its output to a sink in order.
package final class ChatResponseReader {
    /// The most bytes of an event, and of output that is held.
    package static let holdLimit = 16 << 20

    /// The state of a stream.
    package enum State: Equatable {
        case reading
        /// The upstream has said that the stream is complete.
        case complete
        case failed(UpstreamError)
    }

    private let chunks: ChatChunkReader
    private var payloads = EventPayloads(limit: holdLimit)
    private var output: ChatOutput
    private var hasStarted = false

    /// The state of the stream, which changes to `complete` or `failed` once.
    package private(set) var state = State.reading
    /// The content of the JSON string that names the model; nil until it is known.
    package private(set) var model: [UInt8]?
    /// The usage that was stated last, which is the total.
    package private(set) var usage: UpstreamUsage?
    private var statedFinish: ChatFinish?

    package init(_ context: TranslationContext) {
        chunks = context.readers.chunks
        output = ChatOutput(id: context.id, limit: Self.holdLimit)
    }

    /// The reason of the end, once it is known. Some servers say `stop` after calls.
    package var finish: ChatFinish {
        switch statedFinish {
        case nil, .stop: output.hasCalls ? .toolCalls : .stop
        case let finish?: finish
        }
    }

    /// True if the stated reason is that the rest of the output is missing.
    package var isCut: Bool { statedFinish == .length || statedFinish == .contentFilter }

    // MARK: Streams

    /// Reads the next bytes of a stream.
    package func receive(_ bytes: Span<UInt8>, _ sink: any ChatOutputSink) {
        guard state == .reading else { return }
        let fits = payloads.receive(bytes) { read(event: $0, sink) }
        if !fits || output.isOverLimit { giveUp() }
    }

    /// Ends a stream whose body has ended: complete if the upstream has stated a reason, otherwise failed.
    package func end(_ sink: any ChatOutputSink) {
        guard state == .reading else { return }
        payloads.finish { read(event: $0, sink) }
        guard state == .reading else { return }
        if statedFinish == nil { fail(UpstreamError(.upstreamInterrupted)) } else { state = .complete }
    }

    /// Ends all parts of the output.
    func endOutput(_ sink: any ChatOutputSink) {
        start(sink)
        output.finish(sink)
    }

    /// Begins a response that has had no chunk.
    package func start(_ sink: any ChatOutputSink) {
        guard !hasStarted else { return }
        hasStarted = true
        sink.start()
    }

    /// Ends a stream at its limit of tokens.
    func stop() {
        guard state == .reading else { return }
        statedFinish = .length
        state = .complete
    }

    /// Ends a stream by a failure.
    func fail(_ error: UpstreamError) {
        if state == .reading { state = .failed(error) }
    }

    /// Gives up a response that is too large to be translated, also while its last parts end.
    package func giveUp() { state = .failed(UpstreamError(.upstreamProtocol)) }

    private func read(event data: Span<UInt8>, _ sink: any ChatOutputSink) {
        guard state == .reading else { return }
        if data.equals("[DONE]") { return state = .complete }
        guard let root = chunks.read(data) else { return giveUp() }
        if chunks.isError { return fail(UpstreamError(root, status: nil)) }
        read(root, sink)
    }

    // MARK: Documents

    /// Reads a whole completion. Returns false if `body` is none.
    package func read(document body: [UInt8], _ sink: any ChatOutputSink) -> Bool {
        guard let root = chunks.read(body.span), !chunks.isError, root["choices"]?.kind == .array else { return false }
        read(root, sink)
        output.finish(sink)
        return state == .reading && !output.isOverLimit
    }

    // MARK: Chunks

    private func read(_ root: JSONValue, _ sink: any ChatOutputSink) {
        if model == nil, let name = root["model"], name.kind == .string { model = Array(name.contentBytes) }
        if let usage = chunks.usage, usage.isStated || self.usage == nil { self.usage = usage }
        start(sink)
        guard let choices = root["choices"] else { return }
        for choice in choices.elements where choice["index"]?.integer ?? 0 == 0 {
            if let message = choice["delta"] ?? choice["message"] { read(message: message, sink) }
            if let finish = ChatFinish(choice) { statedFinish = finish }
        }
    }

    private func read(message: JSONValue, _ sink: any ChatOutputSink) {
        if let reasoning = message.nonEmpty("reasoning_content") ?? message.nonEmpty("reasoning") {
            add(reasoning, to: .reasoning, sink)
        }
        if let content = message["content"] {
            if content.kind == .string { add(content, to: .text, sink) }
            for part in content.elements {
                if let text = part["text"] { add(text, to: .text, sink) }
            }
        }
        if let refusal = message["refusal"] { add(refusal, to: .refusal, sink) }
        guard let calls = message["tool_calls"] else { return }
        for (position, call) in calls.elements.enumerated() {
            output.addCall(call, position: Int64(clamping: position), sink)
        }
    }

    private func add(_ text: JSONValue, to place: ChatOutput.Place, _ sink: any ChatOutputSink) {
        let content = Array(text.contentBytes)
        output.add(content.span, to: place, hasEscapes: text.hasEscapes, sink)
    }
}

extension JSONValue {
    /// The member `name`, if it is a string that is not empty.
    fileprivate func nonEmpty(_ name: StaticString) -> JSONValue? {
        self[name].flatMap { $0.content.isEmpty ? nil : $0 }
    }
}
