import Bytes
import OpenAIAPI
import Scanners

/// The tools of a request as functions of a chat completion, and the way back from their names.
struct ResponsesTools {
    /// The tool that a function replaces, if it is not a function of the same name.
    struct Origin: Equatable {
        /// The content of the JSON string.
        let name: [UInt8]
        /// The same of the namespace; nil for a tool outside one.
        let namespace: [UInt8]?
        /// The tool takes text and not arguments.
        let isCustom: Bool
    }

    private var functions: [ChatTool] = []
    private var choice: ChatToolChoice?
    /// The decoded names of the functions.
    private var names: Set<[UInt8]> = []
    /// Functions that stand for another tool, by their decoded names.
    private(set) var origins: [[UInt8]: Origin] = [:]
    /// Hosted tools that were left out, as `x-propylon-dropped` names them.
    private(set) var dropped: [String] = []

    var isEmpty: Bool { functions.isEmpty }

    /// Hosted tools that agents always offer, and can do without.
    private static let optional: [StaticString] = [
        "web_search", "web_search_2025_08_26", "web_search_preview", "web_search_preview_2025_03_11", "tool_search",
        "image_generation",
    ]

    /// - Throws: 400 for a hosted tool that is chosen, or that agents do not offer by themselves.
    init(_ root: JSONValue) throws(APIError) {
        if let tools = try root.array("tools") {
            for (index, tool) in tools.elements.enumerated() { try add(tool, at: MemberPlace("tools", index)) }
        }
        if let choice = root["tool_choice"] { try choose(choice) }
    }

    func write(to writer: inout ChatRequestWriter) {
        guard !functions.isEmpty else { return }
        writer.tools(functions)
        if let choice { writer.toolChoice(choice) }
    }

    // MARK: Tools

    private mutating func add(_ tool: JSONValue, at place: MemberPlace) throws(APIError) {
        let type = try tool.text("type", at: place)
        if type.equals("namespace") {
            let namespace = try tool.text("name", at: place)
            for (index, inner) in (tool["tools"]?.elements ?? .none).enumerated() {
                let place = place.element(index, of: "tools")
                guard try addClientTool(inner, in: namespace, at: place) else {
                    throw .hostedTool(place.member("type"), inner["type"]?.string ?? "")
                }
            }
        } else if try !addClientTool(tool, in: nil, at: place) {
            guard let name = Self.optional.first(where: { type.equals($0) }) else {
                throw .hostedTool(place.member("type"), type.string ?? "")
            }
            dropped.append("tools.\(name)")
        }
    }

    /// Adds a tool that the client runs itself. Returns false for another one.
    private mutating func addClientTool(
        _ tool: JSONValue, in namespace: JSONValue?, at place: MemberPlace
    ) throws(APIError) -> Bool {
        let type = try tool.text("type", at: place)
        let isCustom = type.equals("custom")
        guard isCustom || type.equals("function") else { return false }
        let name = try tool.text("name", at: place)
        let joined = namespace.map { Self.joined($0.text, name.text) }
        let chatName = joined ?? name.text
        guard names.insert(chatName).inserted else {
            throw .invalidValue(place.member("name"), "another name than those of the other tools")
        }
        if isCustom || namespace != nil {
            origins[chatName] = Origin(
                name: Array(name.contentBytes), namespace: namespace.map { Array($0.contentBytes) }, isCustom: isCustom)
        }
        var function = ChatTool(name: joined.map { ChatText(escaping: $0.span) } ?? ChatText(name), key: chatName)
        if let description = tool["description"] { function.description = [ChatText(description)] }
        if isCustom {
            function.parameters = .literal(Self.customParameters)
            if let grammar = tool["format"]?["definition"] { Self.describe(grammar, in: &function) }
        } else {
            function.parameters = tool["parameters"].map { .value($0) }
            function.strict = tool["strict"]
        }
        functions.append(function)
        return true
    }

    private static let customParameters: StaticString =
        #"{"type":"object","properties":{"input":{"type":"string"}},"required":["input"],"additionalProperties":false}"#

    /// Tells the model of a grammar that the upstream does not enforce.
    private static func describe(_ grammar: JSONValue, in function: inout ChatTool) {
        let introduction = #"\n\nThe member \"input\" must follow this grammar:\n"#
        function.description += [.generated(Array(introduction.utf8)), ChatText(grammar)]
    }

    // MARK: Choice

    private mutating func choose(_ choice: JSONValue) throws(APIError) {
        switch choice.kind {
        case .string: self.choice = try mode(choice, "tool_choice")
        case .object: try choose(one: choice)
        default: throw .invalidValue("tool_choice", "a string or an object")
        }
        if case .required? = self.choice, functions.isEmpty, !dropped.isEmpty {
            throw .hostedTool("tool_choice", dropped[0])
        }
    }

    private func mode(_ mode: JSONValue, _ member: String) throws(APIError) -> ChatToolChoice {
        if mode.equals("auto") { return .auto }
        if mode.equals("none") { return .none }
        if mode.equals("required") { return .required }
        throw .invalidValue(member, "auto, none, required or an object")
    }

    private mutating func choose(one choice: JSONValue) throws(APIError) {
        let type = choice["type"]
        if type?.equals("allowed_tools") == true {
            return try choose(among: choice)
        }
        guard let name = try chatName(choice) else {
            throw .hostedTool("tool_choice", type?.string ?? "")
        }
        guard names.contains(name) else { throw .invalidValue("tool_choice", "one of 'tools'") }
        self.choice = .function(ChatText(escaping: name.span))
    }

    /// Offers a part of the tools.
    private mutating func choose(among choice: JSONValue) throws(APIError) {
        var allowed: Set<[UInt8]> = []
        for tool in choice["tools"]?.elements ?? .none {
            if let name = try chatName(tool) { allowed.insert(name) }
        }
        functions.removeAll { !allowed.contains($0.key) }
        self.choice = try choice["mode"].map { mode throws(APIError) in try self.mode(mode, "tool_choice.mode") }
    }

    /// The name of the function for the tool that `choice` names; nil if that is a hosted one.
    private func chatName(_ choice: JSONValue) throws(APIError) -> [UInt8]? {
        guard let type = choice["type"], type.equals("function") || type.equals("custom") else { return nil }
        guard let name = choice["name"], name.kind == .string else { throw .missingMember("tool_choice.name") }
        return choice["namespace"].map { Self.joined($0.text, name.text) } ?? name.text
    }

    // MARK: Names

    /// The most bytes of a function's name.
    private static let nameLimit = 64

    /// The name of a function for a tool in a namespace: `namespace__name`. A longer one ends with its hash.
    static func joined(_ namespace: [UInt8], _ name: [UInt8]) -> [UInt8] {
        let whole = namespace + Array("__".utf8) + name
        guard whole.count > nameLimit else { return whole }
        // FNV-1a: the same in each turn of a conversation.
        var hash: UInt32 = 0x811C_9DC5
        for byte in whole { hash = (hash ^ UInt32(truncatingIfNeeded: byte)) &* 0x0100_0193 }
        let digits = Hexadecimal.text([24, 16, 8, 0].map { UInt8(truncatingIfNeeded: hash >> $0) })
        let kept = whole.prefix(nameLimit - digits.utf8.count - 1).filter { $0 < 0x80 }
        return kept + Array("_\(digits)".utf8)
    }

    // MARK: Text of custom tools

    /// The arguments of the function for a custom tool with `input`, escaped: `{\"input\":\"…\"}`.
    static func wrapped(_ input: JSONValue) -> ChatText {
        var arguments: [UInt8] = Array(#"{\"input\":\""#.utf8)
        JSONString.appendEscaped(input.contentBytes.span, to: &arguments)
        arguments.append(#"\"}"#)
        return .generated(arguments)
    }

    /// The content of the JSON string `input` in `arguments`, which are escaped; `arguments` themselves if they have none.
    static func unwrapped(_ arguments: [UInt8]) -> [UInt8] {
        let document = JSONDocument()
        var scanner = JSONScanner(JSONPathSet([]))
        do throws(JSONError) { try document.read(arguments.span.decodedJSONText(), with: &scanner) } catch {
            return arguments
        }
        guard let input = document.root?["input"], input.kind == .string else { return arguments }
        return Array(input.contentBytes)
    }
}
