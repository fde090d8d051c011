import Bytes
import OpenAIAPI

/// An item of a response's output.
struct ResponsesItem {
    /// The kinds of items. Names and ids are contents of JSON strings.
    enum Kind {
        case reasoning, message, refusal
        case call(id: [UInt8], name: [UInt8], namespace: [UInt8]?)
        case customCall(id: [UInt8], name: [UInt8], namespace: [UInt8]?)
    }

    /// The state of an item, as `status` has it.
    enum Status {
        case begun, completed, incomplete

        var text: StaticString {
            switch self {
            case .begun: "in_progress"
            case .completed: "completed"
            case .incomplete: "incomplete"
            }
        }
    }

    let kind: Kind
    /// The id of the item, in ASCII without quotes.
    let id: [UInt8]
    /// The text, or the arguments of a call: the content of a JSON string.
    var text: [UInt8] = []

    init(_ kind: Kind, number: Int64, of context: TranslationContext) {
        self.kind = kind
        let prefix =
            switch kind {
            case .reasoning: "rs"
            case .message, .refusal: "msg"
            case .call: "fc"
            case .customCall: "ctc"
            }
        id = Array("\(prefix)_\(context.id)_\(number)".utf8)
    }

    /// Appends the item as a JSON object. One that has begun has no content yet.
    func append(_ status: Status, to output: inout [UInt8]) {
        output.append(#"{"id":""#)
        output.append(contentsOf: id)
        output.append(#"","status":""#)
        output.append(status.text)
        switch kind {
        case .message, .refusal:
            output.append(#"","type":"message","role":"assistant","content":["#)
            if status != .begun { appendPart(to: &output) }
            output.append("]}")
        case .reasoning:
            output.append(#"","type":"reasoning","summary":[],"content":["#)
            if status != .begun { appendPart(to: &output) }
            output.append("]}")
        case .call(let id, let name, let namespace):
            output.append(#"","type":"function_call""#)
            appendCall(id, name, namespace, to: &output)
            output.append(#","arguments":""#)
            output.append(contentsOf: text)
            output.append(#""}"#)
        case .customCall(let id, let name, let namespace):
            output.append(#"","type":"custom_tool_call""#)
            appendCall(id, name, namespace, to: &output)
            output.append(#","input":""#)
            if status != .begun { output.append(contentsOf: text) }
            output.append(#""}"#)
        }
    }

    private func appendCall(_ id: [UInt8], _ name: [UInt8], _ namespace: [UInt8]?, to output: inout [UInt8]) {
        output.append(#","call_id":""#)
        output.append(contentsOf: id)
        output.append(#"","name":""#)
        output.append(contentsOf: name)
        if let namespace {
            output.append(#"","namespace":""#)
            output.append(contentsOf: namespace)
        }
        output.append(#"""#)
    }

    /// Appends the only content part of a message or reasoning.
    func appendPart(to output: inout [UInt8]) {
        switch kind {
        case .message: output.append(#"{"type":"output_text","annotations":[],"logprobs":[],"text":""#)
        case .reasoning: output.append(#"{"type":"reasoning_text","text":""#)
        case .refusal: output.append(#"{"type":"refusal","refusal":""#)
        case .call, .customCall: return
        }
        output.append(contentsOf: text)
        output.append(#""}"#)
    }
}
