import Bytes
import OpenAIAPI
import Scanners

/// The members of a response that repeat the request's.
enum ResponsesEcho {
    /// The largest value that is repeated. Tools and instructions of agents are larger: held for each stream, they would be most of
    /// its memory.
    private static let limit = 4096

    /// Members that are repeated as they are, with their values where the request has none.
    private static let members: [(name: StaticString, otherwise: StaticString)] = [
        ("frequency_penalty", "0"), ("instructions", "null"), ("max_output_tokens", "null"),
        ("max_tool_calls", "null"), ("metadata", "{}"), ("parallel_tool_calls", "true"), ("presence_penalty", "0"),
        ("prompt_cache_key", "null"), ("safety_identifier", "null"), ("service_tier", #""default""#),
        ("temperature", "1"), ("tool_choice", #""auto""#), ("top_logprobs", "0"), ("top_p", "1"),
        ("truncation", #""disabled""#), ("user", "null"),
    ]

    /// `"background":false,…`, without braces.
    static func members(of root: JSONValue) -> [UInt8] {
        var output: [UInt8] = []
        output.append(#""background":false,"store":false,"previous_response_id":null"#)
        for member in members { append(member.name, root[member.name], otherwise: member.otherwise, to: &output) }
        let reasoning = root["reasoning"]
        output.append(#","reasoning":{"#)
        append("effort", reasoning?["effort"], otherwise: "null", to: &output, isFirst: true)
        append("summary", reasoning?["summary"], otherwise: "null", to: &output)
        output.append(#"},"text":{"#)
        let text = root["text"]
        append("format", text?["format"], otherwise: #"{"type":"text"}"#, to: &output, isFirst: true)
        if let verbosity = text?["verbosity"] { append("verbosity", verbosity, otherwise: "null", to: &output) }
        output.append(#"},"tools":["#)
        appendTools(of: root, to: &output)
        output.append("]")
        return output
    }

    private static func append(
        _ name: StaticString, _ value: JSONValue?, otherwise: StaticString, to output: inout [UInt8],
        isFirst: Bool = false
    ) {
        output.append(isFirst ? "\"" : ",\"")
        output.append(name)
        output.append("\":")
        if let value, value.range.count <= limit {
            append(value, to: &output)
        } else {
            output.append(otherwise)
        }
    }

    /// Appends a value as it is written, on one line: an event's data has no other. Within strings line ends are escaped.
    private static func append(_ value: JSONValue, to output: inout [UInt8]) {
        for byte in value.bytes where byte != ASCII.lineFeed && byte != ASCII.carriageReturn { output.append(byte) }
    }

    /// Appends the tools, with the members that the API always states of a function.
    private static func appendTools(of root: JSONValue, to output: inout [UInt8]) {
        guard let tools = root["tools"], tools.kind == .array, tools.range.count <= limit else { return }
        for (index, tool) in tools.elements.enumerated() {
            if index > 0 { output.append(ASCII.comma) }
            guard tool["type"]?.equals("function") == true else {
                append(tool, to: &output)
                continue
            }
            output.append(#"{"type":"function""#)
            append("name", tool["name"], otherwise: #""""#, to: &output)
            append("description", tool["description"], otherwise: "null", to: &output)
            append("parameters", tool["parameters"], otherwise: "null", to: &output)
            append("strict", tool["strict"], otherwise: "null", to: &output)
            output.append(ASCII.closingBrace)
        }
    }
}
