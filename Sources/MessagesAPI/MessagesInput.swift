import Bytes
import OpenAIAPI
import Scanners

/// The messages of a request as messages of a chat.
struct MessagesInput {
    private var messages: ChatMessageWriter

    /// Writes `system` and `messages`, and returns the writer for the other members.
    static func write(
        _ root: JSONValue, _ messages: consuming ChatMessageWriter
    ) throws(APIError) -> ChatRequestWriter {
        var input = MessagesInput(messages: messages)
        if let system = root["system"] { input.messages.addSystem(try input.texts(system, "system")) }
        guard let list = try root.array("messages") else { throw .missingMember("messages") }
        for (index, message) in list.elements.enumerated() {
            try input.add(message, at: MemberPlace("messages", index))
        }
        return input.messages.finish()
    }

    /// The texts of the request's `system`.
    private func texts(_ system: JSONValue, _ name: StaticString) throws(APIError) -> [ChatText] {
        if system.kind == .string { return [ChatText(system)] }
        guard system.kind == .array else { throw .invalidValue("\(name)", "a string or an array") }
        var texts: [ChatText] = []
        for (index, block) in system.elements.enumerated() {
            texts.append(ChatText(try block.text("text", at: MemberPlace(name, index))))
        }
        return texts
    }

    private mutating func add(_ message: JSONValue, at place: MemberPlace) throws(APIError) {
        let role = try message.text("role", at: place)
        guard let content = message["content"] else { throw .missingMember(place.member("content")) }
        guard content.kind == .string || content.kind == .array else {
            throw .invalidValue(place.member("content"), "a string or an array")
        }
        if role.equals("user") {
            try addUser(content, at: place)
        } else if role.equals("assistant") {
            if content.kind == .string { messages.addAssistant(ChatText(content)) }
            for (index, block) in content.elements.enumerated() {
                try addAssistant(block, at: place.element(index, of: "content"))
            }
        } else if role.equals("system") {
            var texts = content.kind == .string ? [ChatText(content)] : []
            for (index, block) in content.elements.enumerated() {
                texts.append(ChatText(try block.text("text", at: place.element(index, of: "content"))))
            }
            messages.addSystem(texts)
        } else {
            throw .invalidValue(place.member("role"), "user, assistant or system")
        }
    }

    // MARK: The user

    /// Adds the results of tools in a message, then what else it has.
    private mutating func addUser(_ content: JSONValue, at place: MemberPlace) throws(APIError) {
        guard content.kind == .array else { return messages.addUser([.text(ChatText(content))]) }
        var parts: [ChatPart] = []
        var hasResults = false
        for (index, block) in content.elements.enumerated() {
            let place = place.element(index, of: "content")
            if block["type"]?.equals("tool_result") == true {
                hasResults = true
                messages.addOutput(
                    ChatCallOutput(
                        callID: try block.text("tool_use_id", at: place),
                        parts: try self.parts(of: block["content"], at: place)))
            } else {
                parts += try self.parts(block, at: place)
            }
        }
        if !parts.isEmpty || !hasResults { messages.addUser(parts) }
    }

    /// The parts of a `content` within a block: a string, blocks, or nothing.
    private func parts(of content: JSONValue?, at place: MemberPlace) throws(APIError) -> [ChatPart] {
        guard let content else { return [] }
        if content.kind == .string { return [.text(ChatText(content))] }
        guard content.kind == .array else { throw .invalidValue(place.member("content"), "a string or an array") }
        var parts: [ChatPart] = []
        // Two lists deep the place is that of the outer block.
        for block in content.elements { parts += try self.parts(block, at: place) }
        return parts
    }

    private func parts(_ block: JSONValue, at place: MemberPlace) throws(APIError) -> [ChatPart] {
        let type = try block.text("type", at: place)
        if type.equals("text") { return [.text(ChatText(try block.text("text", at: place)))] }
        if type.equals("image") { return [.medium(try image(block, at: place))] }
        if type.equals("document") { return try document(block, at: place) }
        if type.equals("search_result") { return try flat(block["content"], at: place) }
        // Tools that a search has found are offered with all others.
        if type.equals("tool_reference") { return [] }
        throw .untranslatable(
            place.name,
            "Blocks of the type '\(type.string ?? "")' have no counterpart. Send their text as a 'text' block.")
    }

    private func image(_ block: JSONValue, at place: MemberPlace) throws(APIError) -> ChatMedium {
        guard let source = block["source"] else { throw .missingMember(place.member("source")) }
        let type = source["type"]
        if type?.equals("base64") == true {
            let media = try source.text("media_type", at: place)
            let data = try source.text("data", at: place)
            return .image(
                url: [
                    .generated(Array("data:".utf8)), ChatText(media), .generated(Array(";base64,".utf8)),
                    ChatText(data),
                ], detail: nil)
        }
        if type?.equals("url") == true {
            return .image(url: [ChatText(try source.text("url", at: place))], detail: nil)
        }
        throw .untranslatable(place.member("source"), "Files are not stored on this server. Send the image in base64.")
    }

    /// The text of a document; other documents than text have no counterpart.
    private func document(_ block: JSONValue, at place: MemberPlace) throws(APIError) -> [ChatPart] {
        guard let source = block["source"] else { throw .missingMember(place.member("source")) }
        let type = source["type"]
        if type?.equals("text") == true { return [.text(ChatText(try source.text("data", at: place)))] }
        if type?.equals("content") == true { return try flat(source["content"], at: place) }
        throw .untranslatable(place.name, "Only documents of text can be read here. Send the document's text.")
    }

    /// The texts and images of a content without further levels: a string, or blocks.
    private func flat(_ content: JSONValue?, at place: MemberPlace) throws(APIError) -> [ChatPart] {
        guard let content else { return [] }
        if content.kind == .string { return [.text(ChatText(content))] }
        var parts: [ChatPart] = []
        for block in content.elements {
            if block["type"]?.equals("image") == true {
                parts.append(.medium(try image(block, at: place)))
            } else {
                parts.append(.text(ChatText(try block.text("text", at: place))))
            }
        }
        return parts
    }

    // MARK: The model

    /// Blocks of tools that ran on Anthropic's servers. The model's text has what came of them.
    private static let skipped: [StaticString] = [
        "redacted_thinking", "server_tool_use", "web_search_tool_result", "web_fetch_tool_result",
        "tool_search_tool_result",
    ]

    private mutating func addAssistant(_ block: JSONValue, at place: MemberPlace) throws(APIError) {
        let type = try block.text("type", at: place)
        if type.equals("text") {
            messages.addAssistant(ChatText(try block.text("text", at: place)))
        } else if type.equals("thinking") {
            messages.addReasoning(ChatText(try block.text("thinking", at: place)))
        } else if type.equals("tool_use") {
            try addCall(block, at: place)
        } else if !Self.skipped.contains(where: { type.equals($0) }) {
            throw .untranslatable(
                place.name, "Blocks of the type '\(type.string ?? "")' have no counterpart. Leave it out.")
        }
    }

    private mutating func addCall(_ block: JSONValue, at place: MemberPlace) throws(APIError) {
        let arguments: ChatText
        switch block["input"] {
        case let input? where input.kind == .object: arguments = ChatText(escaping: input.bytes.span)
        case nil: arguments = .generated(Array("{}".utf8))
        default: throw .invalidValue(place.member("input"), "an object")
        }
        messages.addCall(
            ChatCall(
                id: try block.text("id", at: place), name: ChatText(try block.text("name", at: place)),
                arguments: arguments))
    }
}
