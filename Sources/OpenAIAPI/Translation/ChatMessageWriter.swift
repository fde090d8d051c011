import Bytes
import Scanners

/// Makes the messages of a chat from the items of another API, which are finer.
///
/// Text, reasoning and calls of the model that follow each other become one assistant message. The outputs of tools become one
/// message each, in the order of the calls and before the user's text of the same turn. System messages at the beginning become
/// one, since templates of many models read the first only.
package struct ChatMessageWriter {
    private var writer: ChatRequestWriter
    private let forwardsReasoning: Bool
    private var count = 0

    // The messages that are not written yet. At most one of the three kinds is pending.

    private var system: [ChatText] = []
    private var assistant = AssistantMessage()
    private var outputs: [ChatCallOutput] = []
    /// Images that tools returned: they go to the user's message, since a tool's can have none.
    private var toolMedia: [ChatMedium] = []
    /// The last assistant message's calls.
    private var calls: [ChatCall] = []

    private struct AssistantMessage {
        var texts: [ChatText] = []
        var reasoning: [ChatText] = []
        var calls: [ChatCall] = []

        /// Removes all and keeps the storage, since most messages are followed by another one.
        mutating func removeAll() {
            texts.removeAll(keepingCapacity: true)
            reasoning.removeAll(keepingCapacity: true)
            calls.removeAll(keepingCapacity: true)
        }
    }

    /// Begins the member `messages`.
    ///
    /// - Parameter forwardsReasoning: the model reads its earlier reasoning, as `reasoning_content`.
    package init(_ writer: consuming ChatRequestWriter, forwardsReasoning: Bool) {
        writer.begin("messages")
        writer.literal("[")
        self.writer = writer
        self.forwardsReasoning = forwardsReasoning
    }

    /// Ends the messages, and returns the writer for the other members.
    package consuming func finish() -> ChatRequestWriter {
        flush()
        writer.literal("]")
        return writer
    }

    // MARK: Items

    /// Adds instructions, of the client's author or of the API.
    package mutating func addSystem(_ texts: [ChatText]) {
        flushAssistant()
        flushOutputs()
        let texts = texts.filter { !$0.isEmpty }
        guard !texts.isEmpty else { return }
        system += texts
        // Only those at the beginning are joined.
        if count > 0 { flushSystem() }
    }

    /// Adds a message of the user.
    package mutating func addUser(_ parts: [ChatPart]) {
        flushSystem()
        flushAssistant()
        flushToolMessages()
        if toolMedia.isEmpty { return writeUser(parts) }
        let parts = toolMedia.map { ChatPart.medium($0) } + parts
        toolMedia = []
        writeUser(parts)
    }

    /// Adds text of the model.
    package mutating func addAssistant(_ text: ChatText) {
        beginAssistant()
        if !text.isEmpty { assistant.texts.append(text) }
    }

    /// Adds reasoning of the model.
    package mutating func addReasoning(_ text: ChatText) {
        beginAssistant()
        if forwardsReasoning, !text.isEmpty { assistant.reasoning.append(text) }
    }

    /// Adds a call of a tool by the model.
    package mutating func addCall(_ call: ChatCall) {
        beginAssistant()
        assistant.calls.append(call)
    }

    /// Adds the output of a tool.
    package mutating func addOutput(_ output: ChatCallOutput) {
        flushSystem()
        flushAssistant()
        outputs.append(output)
    }

    /// Begins what the model says, which can be nothing: outputs after it answer other calls than those before.
    package mutating func beginAssistant() {
        flushSystem()
        flushOutputs()
    }

    // MARK: Messages

    private mutating func flush() {
        flushSystem()
        flushAssistant()
        flushOutputs()
    }

    private mutating func begin(_ role: StaticString) {
        writer.literal(count > 0 ? #",{"role":""# : #"{"role":""#)
        writer.literal(role)
        writer.literal(#"","content":"#)
        count += 1
    }

    private mutating func flushSystem() {
        guard !system.isEmpty else { return }
        begin("system")
        writer.lines(system)
        writer.literal("}")
        system = []
    }

    private mutating func writeUser(_ parts: [ChatPart]) {
        begin("user")
        if parts.allSatisfy(\.isText) {
            writer.lines(parts)
        } else {
            writer.literal("[")
            for (index, part) in parts.enumerated() {
                if index > 0 { writer.literal(",") }
                write(part)
            }
            writer.literal("]")
        }
        writer.literal("}")
    }

    private mutating func write(_ part: ChatPart) {
        switch part {
        case .text(let text):
            writer.literal(#"{"type":"text","text":"#)
            writer.string(text)
            writer.literal("}")
        case .medium(.same(let value)):
            writer.raw(value)
        case .medium(.image(let url, let detail)):
            writer.literal(#"{"type":"image_url","image_url":{"url":"#)
            writer.string(url)
            if let detail {
                writer.literal(#","detail":"#)
                writer.raw(detail)
            }
            writer.literal("}}")
        }
    }

    private mutating func flushAssistant() {
        defer { assistant.removeAll() }
        // Reasoning alone is no message that an engine takes.
        guard !assistant.texts.isEmpty || !assistant.calls.isEmpty else { return }
        begin("assistant")
        if assistant.texts.isEmpty { writer.literal("null") } else { writer.lines(assistant.texts) }
        if !assistant.reasoning.isEmpty {
            writer.literal(#","reasoning_content":"#)
            writer.lines(assistant.reasoning)
        }
        swap(&calls, &assistant.calls)
        for (index, call) in calls.enumerated() {
            writer.literal(index > 0 ? #",{"id":"# : #","tool_calls":[{"id":"#)
            writer.raw(call.id)
            writer.literal(#","type":"function","function":{"name":"#)
            writer.string(call.name)
            writer.literal(#","arguments":"#)
            writer.string(call.arguments)
            writer.literal("}}")
        }
        writer.literal(calls.isEmpty ? "}" : "]}")
    }

    /// Writes the outputs, and a message of the user with their images if none follows.
    private mutating func flushOutputs() {
        flushToolMessages()
        guard !toolMedia.isEmpty else { return }
        writeUser(toolMedia.map { .medium($0) })
        toolMedia = []
    }

    private mutating func flushToolMessages() {
        guard !outputs.isEmpty else { return }
        for output in outputs.count > 1 ? outputsInOrderOfCalls : outputs {
            begin("tool")
            writer.lines(output.parts)
            writer.literal(#","tool_call_id":"#)
            writer.raw(output.callID)
            writer.literal("}")
            for case .medium(let medium) in output.parts { toolMedia.append(medium) }
        }
        outputs.removeAll(keepingCapacity: true)
    }

    /// The outputs in the order of their calls. Those of unknown calls follow, in their own order.
    private var outputsInOrderOfCalls: [ChatCallOutput] {
        let order = Dictionary(calls.enumerated().map { ($1.id.text, $0) }) { $1 }
        func place(_ output: ChatCallOutput) -> Int { order[output.callID.text] ?? .max }
        return outputs.sorted { place($0) < place($1) }
    }
}
