import Bytes
import OpenAIAPI
import Scanners

/// The items of a request's `input` as messages of a chat.
struct ResponsesInput {
    private var messages: ChatMessageWriter

    /// Writes `instructions` and `input`, and returns the writer for the other members.
    static func write(
        _ root: JSONValue, _ messages: consuming ChatMessageWriter
    ) throws(APIError) -> ChatRequestWriter {
        var input = ResponsesInput(messages: messages)
        if let instructions = root["instructions"] {
            guard instructions.kind == .string else { throw .invalidValue("instructions", "a string") }
            input.messages.addSystem([ChatText(instructions)])
        }
        switch root["input"] {
        case let text? where text.kind == .string: input.messages.addUser([.text(ChatText(text))])
        case let list? where list.kind == .array:
            for (index, item) in list.elements.enumerated() { try input.add(item, at: MemberPlace("input", index)) }
        case nil: throw .missingMember("input")
        default: throw .invalidValue("input", "a string or an array")
        }
        return input.messages.finish()
    }

    /// Calls of hosted tools that a conversation may have from elsewhere. The model's text has what came of them.
    private static let skipped: [StaticString] = [
        "web_search_call", "tool_search_call", "tool_search_output", "image_generation_call",
    ]

    private mutating func add(_ item: JSONValue, at place: MemberPlace) throws(APIError) {
        guard item.kind == .object else { throw .invalidValue(place.name, "an object") }
        guard let type = item["type"] else {
            // The short form of a message has a role alone.
            guard item["role"] != nil else { throw .missingMember(place.member("type")) }
            return try addMessage(item, at: place)
        }
        if type.equals("message") {
            try addMessage(item, at: place)
        } else if type.equals("function_call") {
            try addCall(item, arguments: try item.text("arguments", at: place), at: place)
        } else if type.equals("custom_tool_call") {
            try addCustomCall(item, at: place)
        } else if type.equals("function_call_output") || type.equals("custom_tool_call_output") {
            let callID = try item.text("call_id", at: place)
            messages.addOutput(ChatCallOutput(callID: callID, parts: try parts(item["output"], "output", at: place)))
        } else if type.equals("reasoning") {
            addReasoning(item)
        } else if type.equals("item_reference") {
            throw .nothingStored(place.name)
        } else if !Self.skipped.contains(where: { type.equals($0) }) {
            throw .untranslatable(
                place.member("type"), "Items of the type '\(type.string ?? "")' have no counterpart. Leave it out.")
        }
    }

    private mutating func addMessage(_ item: JSONValue, at place: MemberPlace) throws(APIError) {
        let role = try item.text("role", at: place)
        let parts = try parts(item["content"], "content", at: place)
        if role.equals("user") { return messages.addUser(parts) }
        var texts: [ChatText] = []
        for (index, part) in parts.enumerated() {
            guard case .text(let text) = part else {
                throw .untranslatable(
                    place.element(index, of: "content").name, "Only messages of the user can have it. Send it in one.")
            }
            texts.append(text)
        }
        if role.equals("assistant") {
            messages.beginAssistant()
            for text in texts { messages.addAssistant(text) }
        } else if role.equals("system") || role.equals("developer") {
            messages.addSystem(texts)
        } else {
            throw .invalidValue(place.member("role"), "user, assistant, system or developer")
        }
    }

    private mutating func addReasoning(_ item: JSONValue) {
        messages.beginAssistant()
        // The full text where there is one; a summary repeats it.
        if !addReasoning(of: item["content"]) { _ = addReasoning(of: item["summary"]) }
    }

    /// Adds the texts of a list of parts. Returns false if it has none.
    private mutating func addReasoning(of parts: JSONValue?) -> Bool {
        guard let parts else { return false }
        var hasText = false
        for part in parts.elements {
            guard let text = part["text"] else { continue }
            messages.addReasoning(ChatText(text))
            hasText = true
        }
        return hasText
    }

    private mutating func addCall(
        _ item: JSONValue, arguments: JSONValue, at place: MemberPlace
    ) throws(APIError) {
        messages.addCall(
            ChatCall(
                id: try item.text("call_id", at: place), name: try name(of: item, at: place),
                arguments: arguments.content.isEmpty ? .generated(Array("{}".utf8)) : ChatText(arguments)))
    }

    /// Adds a call whose input is text: chat completions have it as the one argument of a function.
    private mutating func addCustomCall(_ item: JSONValue, at place: MemberPlace) throws(APIError) {
        let input = try item.text("input", at: place)
        let arguments = ResponsesTools.wrapped(input)
        messages.addCall(
            ChatCall(id: try item.text("call_id", at: place), name: try name(of: item, at: place), arguments: arguments)
        )
    }

    private func name(of item: JSONValue, at place: MemberPlace) throws(APIError) -> ChatText {
        let name = try item.text("name", at: place)
        guard let namespace = item["namespace"] else { return ChatText(name) }
        return ChatText(escaping: ResponsesTools.joined(namespace.text, name.text).span)
    }

    // MARK: Parts

    /// The parts of `value`, a string or an array; none where it is absent.
    private func parts(
        _ value: JSONValue?, _ list: StaticString, at place: MemberPlace
    ) throws(APIError) -> [ChatPart] {
        guard let value else { return [] }
        if value.kind == .string { return [.text(ChatText(value))] }
        guard value.kind == .array else { throw .invalidValue(place.member("\(list)"), "a string or an array") }
        var parts: [ChatPart] = []
        for (index, element) in value.elements.enumerated() {
            parts.append(try part(element, at: place.element(index, of: list)))
        }
        return parts
    }

    private func part(_ part: JSONValue, at place: MemberPlace) throws(APIError) -> ChatPart {
        let type = try part.text("type", at: place)
        if type.equals("input_text") || type.equals("output_text") || type.equals("text") {
            return .text(ChatText(try part.text("text", at: place)))
        }
        if type.equals("refusal") { return .text(ChatText(try part.text("refusal", at: place))) }
        if type.equals("input_image") {
            guard part["file_id"] == nil else {
                throw .untranslatable(place.member("file_id"), "Send the image as a data URL in 'image_url'.")
            }
            let url = try part.text("image_url", at: place)
            return .medium(.image(url: [ChatText(url)], detail: part["detail"]))
        }
        if type.equals("input_audio") { return .medium(.same(part)) }
        if type.equals("input_file") { return .text(try Self.text(ofFile: part, at: place)) }
        throw .untranslatable(
            place.name, "Parts of the type '\(type.string ?? "")' have no counterpart. Send their text as 'input_text'."
        )
    }

    /// The text of a file that the request has in it as a data URL of a text type. Other files have no counterpart.
    private static func text(ofFile part: JSONValue, at place: MemberPlace) throws(APIError) -> ChatText {
        let bytes = part["file_data"]?.text ?? []
        let comma = bytes.firstIndex(of: ASCII.comma) ?? bytes.count
        let head = String(decoding: bytes[..<comma], as: UTF8.self)
        guard head.hasPrefix("data:text/"), head.hasSuffix(";base64"),
            let content = Base64.decoded(bytes[comma...].dropFirst()),
            let text = String(validating: content, as: UTF8.self)
        else {
            throw .untranslatable(
                place.name, "Only files of text, as data URLs, can be read here. Send the file's text.")
        }
        return ChatText(escaping: text.utf8.span)
    }
}
