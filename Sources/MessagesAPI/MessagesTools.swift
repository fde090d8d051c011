import Bytes
import OpenAIAPI
import Scanners

/// The tools of a request as functions of a chat completion.
struct MessagesTools {
    private var functions: [ChatTool] = []
    private var choice: ChatToolChoice?
    private var isParallel = true
    /// Tools of Anthropic's servers that were left out, as `x-propylon-dropped` names them.
    private(set) var dropped: [String] = []

    /// The beginnings of the types of server tools that agents always offer, and can do without. A date follows.
    private static let optional: [StaticString] = ["web_search_", "web_fetch_", "tool_search_tool_"]

    /// - Throws: 400 for a server tool that is chosen, or that agents do not offer by themselves.
    init(_ root: JSONValue) throws(APIError) {
        var names: Set<[UInt8]> = []
        if let tools = try root.array("tools") {
            for (index, tool) in tools.elements.enumerated() {
                let place = MemberPlace("tools", index)
                guard let function = try function(tool, at: place) else { continue }
                guard names.insert(function.key).inserted else {
                    throw .invalidValue(place.member("name"), "another name than those of the other tools")
                }
                functions.append(function)
            }
        }
        if let choice = root["tool_choice"] { try choose(choice, among: names) }
    }

    func write(to writer: inout ChatRequestWriter) {
        guard !functions.isEmpty else { return }
        writer.tools(functions)
        if let choice { writer.toolChoice(choice) }
        if !isParallel { writer.member("parallel_tool_calls", "false") }
    }

    /// The function for `tool`; nil for a server tool that is left out.
    private mutating func function(_ tool: JSONValue, at place: MemberPlace) throws(APIError) -> ChatTool? {
        if let type = tool["type"], !type.equals("custom") {
            guard isOptional(type) else { throw .hostedTool(place.member("type"), type.string ?? "") }
            dropped.append("tools.\(type.string ?? "")")
            return nil
        }
        let name = try tool.text("name", at: place)
        var function = ChatTool(name: ChatText(name), key: name.text)
        if let description = tool["description"] { function.description = [ChatText(description)] }
        function.parameters = tool["input_schema"].map { .value($0) }
        function.strict = tool["strict"]
        return function
    }

    private func isOptional(_ type: JSONValue) -> Bool {
        let text = type.text
        let isWord = text.allSatisfy { ASCII.isLetter($0) || ASCII.isDigit($0) || $0 == UInt8(ascii: "_") }
        return isWord && Self.optional.contains { text.span.hasPrefix($0) }
    }

    private mutating func choose(_ choice: JSONValue, among names: Set<[UInt8]>) throws(APIError) {
        let type = choice["type"]
        if type?.equals("auto") == true {
            self.choice = .auto
        } else if type?.equals("none") == true {
            self.choice = ChatToolChoice.none
        } else if type?.equals("any") == true {
            if functions.isEmpty, let first = dropped.first { throw .hostedTool("tool_choice", first) }
            self.choice = .required
        } else if type?.equals("tool") == true {
            guard let name = choice["name"], name.kind == .string else { throw .missingMember("tool_choice.name") }
            guard names.contains(name.text) else {
                throw .invalidValue("tool_choice.name", "the name of one of 'tools' that does not run on a server")
            }
            self.choice = .function(ChatText(name))
        } else {
            throw .invalidValue("tool_choice.type", "auto, any, tool or none")
        }
        isParallel = choice["disable_parallel_tool_use"]?.bool != true
    }
}
