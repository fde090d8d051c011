import Bytes
import Scanners

/// A text of a request as it is written in JSON: a string of the original body, or bytes made here.
package enum ChatText {
    /// A JSON string of the original, with its quotes: mostly it is written as a whole.
    case original(Range<Int>)
    /// The content of a JSON string.
    case generated([UInt8])

    /// The text of a string in the original; empty for other values.
    package init(_ value: JSONValue) { self = value.kind == .string ? .original(value.range) : .generated([]) }

    /// `bytes` in UTF-8, escaped.
    package init(escaping bytes: Span<UInt8>) {
        var escaped: [UInt8] = []
        escaped.reserveCapacity(bytes.count + bytes.count / 8)
        JSONString.appendEscaped(bytes, to: &escaped)
        self = .generated(escaped)
    }

    package var isEmpty: Bool {
        switch self {
        case .original(let range): range.count == 2
        case .generated(let bytes): bytes.isEmpty
        }
    }
}

/// A part of a message that is not text.
package enum ChatMedium {
    /// An image: the pieces of its URL, and how closely to look at it.
    case image(url: [ChatText], detail: JSONValue?)
    /// A part that has the same form in chat completions.
    case same(JSONValue)
}

/// A part of a message.
package enum ChatPart {
    case text(ChatText)
    case medium(ChatMedium)

    /// The text; nil for other parts.
    var text: ChatText? {
        if case .text(let text) = self { text } else { nil }
    }

    var isText: Bool {
        if case .text = self { true } else { false }
    }
}

/// A call of a tool by the model, in the conversation so far.
package struct ChatCall {
    /// The id, a string.
    let id: JSONValue
    let name: ChatText
    /// The arguments: JSON, escaped.
    let arguments: ChatText

    package init(id: JSONValue, name: ChatText, arguments: ChatText) {
        self.id = id
        self.name = name
        self.arguments = arguments
    }
}

/// The output of a tool for one call.
package struct ChatCallOutput {
    /// The id of the call, a string.
    let callID: JSONValue
    let parts: [ChatPart]

    package init(callID: JSONValue, parts: [ChatPart]) {
        self.callID = callID
        self.parts = parts
    }
}
