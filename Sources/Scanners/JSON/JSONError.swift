/// Why a document is no JSON that can be passed on, and where. The document ends with it.
package struct JSONError: Error, Hashable, Sendable {
    /// What is wrong. No case carries bytes of the document but the name of a watched member.
    package enum Kind: Hashable, Sendable {
        /// A byte that the grammar does not allow at its place (RFC 8259, 2).
        case syntax
        /// A number that is none (RFC 8259, 6): a leading zero, no digit behind a point, …
        case invalidNumber
        /// Bytes that are no UTF-8 in a string (RFC 8259, 8.1).
        case invalidUTF8
        /// A backslash that begins no escape (RFC 8259, 7).
        case invalidEscape
        /// A control character in a string that is not escaped (RFC 8259, 7).
        case controlCharacter
        /// More open objects and arrays than the limit.
        case tooDeep
        /// A watched member stands twice in the same object.
        case duplicateMember(name: String)
        /// The document ends in the middle.
        case unexpectedEnd
        /// Something other than white space behind the document.
        case trailingBytes
    }

    /// What is wrong.
    package let kind: Kind
    /// The first byte that cannot be right, from the document's first; for a duplicate the key's opening quote.
    package let offset: Int

    package init(_ kind: Kind, at offset: Int) {
        self.kind = kind
        self.offset = offset
    }

    /// What is wrong and what to do, in a sentence for the sender.
    package var message: String {
        switch kind {
        case .syntax:
            "Invalid JSON at byte \(offset): this character cannot stand here."
        case .invalidNumber:
            "Invalid JSON at byte \(offset): this is not a number as JSON writes them."
        case .invalidUTF8:
            "Invalid JSON at byte \(offset): the text is not UTF-8. Encode the body as UTF-8."
        case .invalidEscape:
            "Invalid JSON at byte \(offset): a backslash must begin one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX."
        case .controlCharacter:
            "Invalid JSON at byte \(offset): control characters in a string must be escaped."
        case .tooDeep:
            "The JSON is nested too deeply at byte \(offset)."
        case .duplicateMember(let name):
            "The member \"\(name)\" stands twice in the same object, again at byte \(offset). Send it once."
        case .unexpectedEnd:
            "Invalid JSON: it ends at byte \(offset), in the middle."
        case .trailingBytes:
            "Invalid JSON at byte \(offset): there is more behind the end of the document."
        }
    }
}
