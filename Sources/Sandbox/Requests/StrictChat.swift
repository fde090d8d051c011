import Bytes

/// Refuses what engines with chat completions alone refuse: members, roles, parts and tools that they do not know, and results of
/// tools that are not those of the calls before them.
struct StrictChat {
    private static let members: Set = [
        "model", "messages", "max_tokens", "max_completion_tokens", "temperature", "top_p", "n", "stop", "stream",
        "stream_options", "tools", "tool_choice", "parallel_tool_calls", "response_format", "reasoning_effort", "user",
        "presence_penalty", "frequency_penalty", "seed", "logprobs", "top_logprobs", "logit_bias",
    ]

    /// Calls whose results have not come.
    private var openCalls: Set<String> = []

    /// Checks a request for a chat completion.
    static func check(_ body: [UInt8]) throws(SandboxError) {
        let request = try JSONValue(object: body)
        try allow(members, in: request, "the request")
        var chat = StrictChat()
        for (index, message) in (request["messages"]?.array ?? []).enumerated() {
            try chat.check(message, "messages[\(index)]")
        }
        try chat.expectNoOpenCalls("messages")
        try checkTools(of: request)
        if let effort = request["reasoning_effort"]?.string, !["minimal", "low", "medium", "high"].contains(effort) {
            throw .invalid("Unknown effort '\(effort.prefix(64))'", param: "reasoning_effort")
        }
    }

    // MARK: Messages

    private mutating func check(_ message: JSONValue, _ place: String) throws(SandboxError) {
        let role = message["role"]?.string ?? ""
        if role != "tool" { try expectNoOpenCalls(place) }
        switch role {
        case "system":
            try Self.allow(["role", "content"], in: message, place)
            try Self.checkContent(message["content"], ["text"], place)
        case "user":
            try Self.allow(["role", "content", "name"], in: message, place)
            try Self.checkContent(message["content"], ["text", "image_url", "input_audio"], place)
        case "assistant":
            try Self.allow(["role", "content", "tool_calls", "reasoning_content"], in: message, place)
            try checkCalls(of: message, place)
        case "tool":
            try Self.allow(["role", "content", "tool_call_id"], in: message, place)
            guard message["content"]?.string != nil else { throw Self.fault("content", of: place) }
            guard openCalls.remove(message["tool_call_id"]?.string ?? "") != nil else {
                throw Self.fault("tool_call_id", of: place)
            }
        default: throw Self.fault("role", of: place)
        }
    }

    private func expectNoOpenCalls(_ place: String) throws(SandboxError) {
        guard openCalls.isEmpty else {
            throw .invalid("Results of calls of tools are missing before \(place)", param: place)
        }
    }

    private mutating func checkCalls(of message: JSONValue, _ place: String) throws(SandboxError) {
        guard let calls = message["tool_calls"] else {
            return try Self.checkContent(message["content"], ["text"], place)
        }
        guard let calls = calls.array, !calls.isEmpty else { throw Self.fault("tool_calls", of: place) }
        for call in calls {
            let place = "\(place).tool_calls"
            try Self.allow(["id", "type", "function", "index"], in: call, place)
            let function = call["function"] ?? .null
            try Self.allow(["name", "arguments"], in: function, place)
            guard call["type"]?.string == "function", Self.isName(function["name"]?.string),
                let arguments = function["arguments"]?.string, JSONValue(arguments.utf8)?.object != nil,
                let id = call["id"]?.string, openCalls.insert(id).inserted
            else { throw Self.fault("function", of: place) }
        }
    }

    private static func checkContent(
        _ content: JSONValue?, _ types: Set<String>, _ place: String
    ) throws(SandboxError) {
        guard content?.string == nil else { return }
        guard let parts = content?.array, !parts.isEmpty else { throw fault("content", of: place) }
        for part in parts {
            guard let type = part["type"]?.string, types.contains(type), part[type] != nil else {
                throw fault("content", of: place)
            }
            try allow(["type", type], in: part, "\(place).content")
        }
    }

    // MARK: Tools

    private static func checkTools(of request: JSONValue) throws(SandboxError) {
        var names: Set<String> = []
        for tool in request["tools"]?.array ?? [] {
            try allow(["type", "function"], in: tool, "tools")
            let function = tool["function"] ?? .null
            try allow(["name", "description", "parameters", "strict"], in: function, "tools.function")
            guard tool["type"]?.string == "function", let name = function["name"]?.string, isName(name),
                names.insert(name).inserted
            else { throw fault("function", of: "tools") }
        }
        switch request["tool_choice"] {
        case nil, .null: return
        case .string(let mode) where ["none", "auto", "required"].contains(mode) && !names.isEmpty: return
        case let choice?:
            guard choice["type"]?.string == "function", names.contains(choice["function"]?["name"]?.string ?? "") else {
                throw .invalid("Unknown choice of a tool", param: "tool_choice")
            }
        }
    }

    private static func isName(_ name: String?) -> Bool {
        guard let name, (1...64).contains(name.utf8.count) else { return false }
        return name.utf8.allSatisfy {
            ASCII.isLetter($0) || ASCII.isDigit($0) || $0 == UInt8(ascii: "_") || $0 == ASCII.hyphen
        }
    }

    // MARK: Members

    private static func allow(_ names: Set<String>, in value: JSONValue, _ place: String) throws(SandboxError) {
        guard let members = value.object else { throw .invalid("\(place) must be an object", param: place) }
        if let unknown = members.first(where: { !names.contains($0.name) }) {
            throw .invalid(
                "Unknown member '\(unknown.name.prefix(64))' of \(place)", param: String(unknown.name.prefix(64)))
        }
    }

    private static func fault(_ member: String, of place: String) -> SandboxError {
        .invalid("Invalid '\(member)' of \(place)", param: member)
    }
}
