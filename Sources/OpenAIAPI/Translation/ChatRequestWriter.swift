import Bytes
import Scanners

/// Writes a request for a chat completion, of which large values stay in the original body.
///
/// Write the members in any order, and the messages between `beginMessages` and `endMessages`.
package struct ChatRequestWriter {
    private let original: [UInt8]
    private var pieces = RequestPieces()
    private var hasMember = false

    /// - Parameter original: the body that is translated.
    package init(of original: [UInt8]) { self.original = original }

    /// Writes a member with a value of the original as it is.
    package mutating func member(_ name: StaticString, _ value: JSONValue) {
        begin(name)
        raw(value)
    }

    /// Writes a member with a value that is JSON.
    package mutating func member(_ name: StaticString, _ json: StaticString) {
        begin(name)
        pieces.append(json)
    }

    /// Begins a member, whose value the caller writes.
    package mutating func begin(_ name: StaticString) {
        pieces.append(hasMember ? ",\"" : "{\"")
        hasMember = true
        pieces.append(name)
        pieces.append("\":")
    }

    /// Writes JSON of the caller.
    package mutating func literal(_ json: StaticString) { pieces.append(json) }

    /// Writes a value of the original as it is.
    package mutating func raw(_ value: JSONValue) { pieces.append(value.range, of: original) }

    /// Writes a string.
    package mutating func string(_ text: ChatText) {
        switch text {
        case .original(let range): pieces.append(range, of: original)
        case .generated(let bytes):
            pieces.append("\"")
            pieces.append(bytes)
            pieces.append("\"")
        }
    }

    /// Writes a string that is joined of `texts`.
    package mutating func string(_ texts: [ChatText]) {
        pieces.append("\"")
        for text in texts { content(text) }
        pieces.append("\"")
    }

    /// Writes a string with a line for each of `texts`.
    package mutating func lines(_ texts: [ChatText]) {
        if texts.count == 1 { return string(texts[0]) }
        pieces.append("\"")
        for (index, text) in texts.enumerated() {
            if index > 0 { pieces.append(#"\n"#) }
            content(text)
        }
        pieces.append("\"")
    }

    /// Writes a string with a line for each text of `parts`.
    package mutating func lines(_ parts: [ChatPart]) {
        if parts.count == 1, case .text(let text) = parts[0] { return string(text) }
        lines(parts.compactMap(\.text))
    }

    private mutating func content(_ text: ChatText) {
        switch text {
        case .original(let range): pieces.append(range.lowerBound + 1..<range.upperBound - 1, of: original)
        case .generated(let bytes): pieces.append(bytes)
        }
    }

    /// The whole request.
    package consuming func finish() -> RequestPieces {
        pieces.append(hasMember ? "}" : "{}")
        return pieces
    }
}
