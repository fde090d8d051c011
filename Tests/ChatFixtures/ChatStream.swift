/// Streams of chat chunks as servers send them.
package struct ChatStream: Sendable {
    package var text = ""

    package init() {}

    /// A stream of `deltas`, each the JSON of one, that ends with `finish`, `usage` and `[DONE]`.
    package init(_ deltas: [String], finish: String = "stop", usage: String? = ChatStream.usage) {
        chunk(#"{"role":"assistant","content":""}"#)
        for delta in deltas { chunk(delta) }
        chunk("{}", finish: finish)
        if let usage { event(Self.frame + #""choices":[],"usage":\#(usage)}"#) }
        event("[DONE]")
    }

    /// 10 tokens in, 4 of them from a cache; 7 out, 3 of them reasoning.
    package static let usage =
        #"{"prompt_tokens":10,"completion_tokens":7,"total_tokens":17,"prompt_tokens_details":{"cached_tokens":4},"#
        + #""completion_tokens_details":{"reasoning_tokens":3}}"#

    private static let frame = #"{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"served","#

    /// Adds an event with `data`.
    package mutating func event(_ data: String) { text += "data: \(data)\n\n" }

    /// Adds a chunk with one choice.
    package mutating func chunk(_ delta: String, finish: String? = nil, more: String = "") {
        let finish = finish.map { "\"\($0)\"" } ?? "null"
        event(Self.frame + #""choices":[{"index":0,"delta":\#(delta),"finish_reason":\#(finish)\#(more)}]}"#)
    }

    /// A delta of text; `text` is the content of a JSON string.
    package static func content(_ text: String) -> String { #"{"content":"\#(text)"}"# }

    /// A delta of reasoning.
    package static func reasoning(_ text: String) -> String { #"{"reasoning_content":"\#(text)"}"# }

    /// The first fragment of a call.
    package static func call(_ index: Int, id: String, _ name: String, _ arguments: String = "") -> String {
        #"{"tool_calls":[{"index":\#(index),"id":"\#(id)","type":"function","function":{"name":"\#(name)","arguments":"\#(arguments)"}}]}"#
    }

    /// A further fragment of a call.
    package static func fragment(_ index: Int, _ arguments: String) -> String {
        #"{"tool_calls":[{"index":\#(index),"function":{"arguments":"\#(arguments)"}}]}"#
    }

    /// A completion that is no stream, with the `message`.
    package static func document(_ message: String, finish: String = "stop", usage: String = ChatStream.usage) -> String
    {
        #"{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"served","choices":[{"index":0,"message":\#(message),"finish_reason":"\#(finish)"}],"usage":\#(usage)}"#
    }
}
