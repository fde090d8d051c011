import Bytes
import Scanners

/// A text of a request as it is written in JSON, without the quotes: parts of the original body, or bytes made here.
package enum ChatText {
    /// The content of a JSON string of the original.
    case original(Range<Int>)
    /// The content of a JSON string.
    case generated([UInt8])

    /// The text of a string in the original.
    package init(_ string: JSONValue) { self = .original(string.content) }

    /// `bytes` in UTF-8, escaped.
    package init(escaping bytes: Span<UInt8>) {
        var escaped: [UInt8] = []
        escaped.reserveCapacity(bytes.count + bytes.count / 8)
        JSONString.appendEscaped(bytes, to: &escaped)
        self = .generated(escaped)
    }

    package var isEmpty: Bool {
        switch self {
        case .original(let range): range.isEmpty
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
