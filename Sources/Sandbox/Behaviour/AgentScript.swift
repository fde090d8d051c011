/// The next step of a scripted agent, whose script is the conversation.
///
/// Its steps are lines of a user's message: commands, which begin with `$ ` and run with the offered tool that runs commands, and calls
/// of other tools, such as `call Edit {"file_path": "a.txt"}`. The agent takes those of the last message that has any, one a
/// response. Once it has seen the result of the last one, it says something.
enum AgentScript {
    private enum Step {
        case command(String)
        case call(tool: String, arguments: JSONValue)

        init?(_ line: Substring) {
            if line.hasPrefix("$ ") {
                self = .command(String(line.dropFirst(2)))
                return
            }
            let words = line.split(separator: " ", maxSplits: 2)
            guard line.hasPrefix("call "), words.count == 3, let arguments = JSONValue(words[2].utf8),
                arguments.object != nil
            else { return nil }
            self = .call(tool: String(words[1]), arguments: arguments)
        }
    }

    /// The names under which agents offer the tool, and the parameters that take the command.
    private static let toolNames = ["exec_command", "Bash", "bash", "shell"]
    private static let parameters = ["cmd", "command"]

    /// The tool to call next, and its arguments; nil where the agent has done everything, or can call nothing.
    static func nextCall(in request: JSONValue) -> (name: String, arguments: JSONValue)? {
        guard request["tool_choice"]?.string != "none", let step = nextStep(in: request["messages"]?.array ?? [])
        else { return nil }
        let offered = (request["tools"]?.array ?? []).compactMap { $0["function"] }
        switch step {
        case .command(let command): return call(of: command, with: offered)
        case .call(let tool, let arguments):
            return offered.contains { $0["name"]?.string == tool } ? (tool, arguments) : nil
        }
    }

    private static func call(of command: String, with offered: [JSONValue]) -> (name: String, arguments: JSONValue)? {
        let tools = offered.filter { parameter(of: $0) != nil }
        let tool = tools.first { toolNames.contains($0["name"]?.string ?? "") } ?? tools.first
        guard let tool, let name = tool["name"]?.string, let parameter = parameter(of: tool) else { return nil }
        return (name, arguments(command, as: parameter, of: tool))
    }

    private static func nextStep(in messages: [JSONValue]) -> Step? {
        var done = 0
        for message in messages.reversed() {
            switch message["role"]?.string {
            case "tool": done += 1
            case "user":
                let steps = steps(in: message)
                if !steps.isEmpty { return done < steps.count ? steps[done] : nil }
            default: break
            }
        }
        return nil
    }

    private static func steps(in message: JSONValue) -> [Step] {
        let parts = message["content"]?.array?.compactMap { $0["text"]?.string }
        let texts = parts ?? [message["content"]?.string ?? ""]
        return texts.flatMap { $0.split(whereSeparator: \.isNewline) }.compactMap { Step($0) }
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
