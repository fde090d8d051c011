import Scanners

/// The reason why a chat completion ended.
package enum ChatFinish: Equatable {
    /// At its natural end.
    case stop
    /// At one of the client's stop sequences, of which this is the content of the JSON string.
    case stopSequence([UInt8])
    /// The model calls tools.
    case toolCalls
    /// At the bound of its output.
    case length
    /// The upstream withholds the rest.
    case contentFilter

    /// The reason that a choice states; nil while it states none.
    init?(_ choice: JSONValue) {
        guard let reason = choice["finish_reason"], reason.kind == .string else { return nil }
        if reason.equals("tool_calls") || reason.equals("function_call") {
            self = .toolCalls
        } else if reason.equals("length") {
            self = .length
        } else if reason.equals("content_filter") {
            self = .contentFilter
        } else if let sequence = choice["stop_reason"], sequence.kind == .string {
            // vLLM names the sequence here.
            self = .stopSequence(Array(sequence.contentBytes))
        } else {
            self = .stop
        }
    }
}
