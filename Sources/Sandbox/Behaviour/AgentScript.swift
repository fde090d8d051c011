/// The next step of a scripted agent, whose script is the conversation.
///
/// The commands are the lines of a user's message that begin with `$ `. The agent runs those of the last message that has any, one
/// a response, with the offered tool that runs commands. Once it has seen the result of the last one, it says something.
enum AgentScript {
    /// The names under which agents offer the tool, and the parameters that take the command.
    private static let toolNames = ["exec_command", "Bash", "bash", "shell"]
    private static let parameters = ["cmd", "command"]

    /// The tool to call next, and its arguments; nil where the agent has done everything, or can call nothing.
    static func nextCall(in request: JSONValue) -> (name: String, arguments: JSONValue)? {
        guard request["tool_choice"]?.string != "none", let command = nextCommand(in: request["messages"]?.array ?? [])
        else { return nil }
        let tools = (request["tools"]?.array ?? []).compactMap { $0["function"] }.filter { parameter(of: $0) != nil }
        let tool = tools.first { toolNames.contains($0["name"]?.string ?? "") } ?? tools.first
        guard let tool, let name = tool["name"]?.string, let parameter = parameter(of: tool) else { return nil }
        return (name, arguments(command, as: parameter, of: tool))
    }

    private static func nextCommand(in messages: [JSONValue]) -> String? {
        var done = 0
        for message in messages.reversed() {
            switch message["role"]?.string {
            case "tool": done += 1
            case "user":
                let commands = commands(in: message)
                if !commands.isEmpty { return done < commands.count ? commands[done] : nil }
            default: break
            }
        }
        return nil
    }

    private static func commands(in message: JSONValue) -> [String] {
        let parts = message["content"]?.array?.compactMap { $0["text"]?.string }
        let texts = parts ?? [message["content"]?.string ?? ""]
        return texts.flatMap { $0.split(whereSeparator: \.isNewline) }
            .filter { $0.hasPrefix("$ ") }.map { String($0.dropFirst(2)) }
    }

    private static func parameter(of tool: JSONValue) -> String? {
        let properties = tool["parameters"]?["properties"]
        return parameters.first { properties?[$0] != nil }
    }

    /// Arguments that fit the tool's schema, with `command` as the shell's, or as a list of words.
    private static func arguments(_ command: String, as parameter: String, of tool: JSONValue) -> JSONValue {
        let schema = tool["parameters"]
        let required = schema?["required"]?.array?.compactMap(\.string) ?? []
        let isList = schema?["properties"]?[parameter]?["type"]?.string == "array"
        let words = JSONValue.array([.string("bash"), .string("-c"), .string(command)])
        let others = (schema?["properties"]?.object ?? []).filter { $0.name != parameter && required.contains($0.name) }
        return .object(
            [(parameter, isList ? words : .string(command))] + others.map { ($0.name, SchemaSample.value($0.value)) })
    }
}
