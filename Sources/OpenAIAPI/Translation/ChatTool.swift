import Bytes
import Scanners

/// A function that the model may call.
package struct ChatTool {
    /// The schema of a function's arguments.
    package enum Parameters {
        case value(JSONValue)
        case literal(StaticString)
    }

    package let name: ChatText
    package var description: [ChatText] = []
    package var parameters: Parameters?
    package var strict: JSONValue?

    /// The decoded name, by which tools differ.
    package let key: [UInt8]

    package init(name: ChatText, key: [UInt8]) {
        self.name = name
        self.key = key
    }
}

/// The tools that the model may or must call.
package enum ChatToolChoice {
    case auto, none, required
    case function(ChatText)
}

extension ChatRequestWriter {
    /// Writes the member `tools`.
    package mutating func tools(_ tools: [ChatTool]) {
        begin("tools")
        for (index, tool) in tools.enumerated() {
            literal(index > 0 ? "," : "[")
            literal(#"{"type":"function","function":{"name":"#)
            string(tool.name)
            if !tool.description.isEmpty {
                literal(#","description":"#)
                string(tool.description)
            }
            switch tool.parameters {
            case .value(let schema)?:
                literal(#","parameters":"#)
                raw(schema)
            case .literal(let schema)?:
                literal(#","parameters":"#)
                literal(schema)
            case nil: break
            }
            if let strict = tool.strict {
                literal(#","strict":"#)
                raw(strict)
            }
            literal("}}")
        }
        literal("]")
    }

    /// Writes the member `tool_choice`.
    package mutating func toolChoice(_ choice: ChatToolChoice) {
        switch choice {
        case .auto: member("tool_choice", #""auto""#)
        case .none: member("tool_choice", #""none""#)
        case .required: member("tool_choice", #""required""#)
        case .function(let name):
            begin("tool_choice")
            literal(#"{"type":"function","function":{"name":"#)
            string(name)
            literal("}}")
        }
    }

    /// Writes the member `response_format` with a JSON schema.
    ///
    /// - Parameter name: the schema's name; `response` without one.
    package mutating func responseSchema(
        _ schema: JSONValue, name: JSONValue? = nil, description: JSONValue? = nil, strict: JSONValue? = nil
    ) {
        begin("response_format")
        literal(#"{"type":"json_schema","json_schema":{"name":"#)
        if let name { raw(name) } else { literal(#""response""#) }
        if let description {
            literal(#","description":"#)
            raw(description)
        }
        literal(#","schema":"#)
        raw(schema)
        if let strict {
            literal(#","strict":"#)
            raw(strict)
        }
        literal("}}")
    }

    /// Writes the member `reasoning_effort`. Levels above the highest that chat completions have become that.
    package mutating func reasoningEffort(_ effort: JSONValue) {
        if effort.equals("max") || effort.equals("xhigh") {
            member("reasoning_effort", #""high""#)
        } else {
            member("reasoning_effort", effort)
        }
    }

    /// Writes the members that ask for a stream with its usage.
    package mutating func stream() {
        member("stream", "true")
        member("stream_options", #"{"include_usage":true}"#)
    }
}
