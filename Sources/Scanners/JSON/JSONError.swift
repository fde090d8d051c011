/// The fault of a document that is not valid JSON, and its place. Nothing after it is read.
package struct JSONError: Error, Hashable, Sendable {
    /// The kinds of faults. No case holds bytes of the document, except the name of a member that a path has.
    package enum Kind: Hashable, Sendable {
        /// A byte that the grammar does not allow at its place (RFC 8259, section 2).
        case syntax
        /// A malformed number (RFC 8259, section 6), for example with a leading zero or without a digit after the point.
        case invalidNumber
        /// `NaN`, `Infinity` or `-Infinity`, which are no JSON (RFC 8259, section 6). The offset is that of the first byte.
        case nonFiniteNumber
        /// Bytes in a string that are not UTF-8 (RFC 8259, section 8.1).
        case invalidUTF8
        /// A backslash that begins no escape (RFC 8259, section 7).
        case invalidEscape
        /// An unescaped control character in a string (RFC 8259, section 7).
        case controlCharacter
        /// More open objects and arrays than the depth limit.
        case tooDeep
        /// A member that an object has twice, on a path with `Duplicates.refuse`.
        case duplicateMember(name: String)
        /// A member whose name differs only in case from one on a path with `Duplicates.refuse`. Go, among others, reads both as
        /// the same.
        case misspelledMember(name: String)
        /// The end of the input before the end of the document.
        case unexpectedEnd
        /// A byte other than white space after the document.
        case trailingBytes
        /// More keys and values than `JSONDocument.valueLimit`.
        case tooManyValues
    }

    package let kind: Kind
    /// The offset of the first wrong byte in the document; for a wrong name, of the key's opening quote.
    package let offset: Int

    package init(_ kind: Kind, at offset: Int) {
        self.kind = kind
        self.offset = offset
    }

    /// The fault and the remedy, in a sentence for the sender.
    package var message: String {
        switch kind {
        case .syntax:
            "Invalid JSON at byte \(offset): this character cannot stand here."
        case .invalidNumber:
            "Invalid JSON at byte \(offset): this is not a number as JSON writes them."
        case .nonFiniteNumber:
            "Invalid JSON at byte \(offset): NaN and Infinity are not numbers in JSON. Send null, or leave the member out."
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
        case .misspelledMember(let name):
            "The member at byte \(offset) is \"\(name)\" in another spelling, which not every server reads alike. Send it as "
                + "\"\(name)\"."
        case .unexpectedEnd:
            "Invalid JSON: it ends at byte \(offset), in the middle."
        case .trailingBytes:
            "Invalid JSON at byte \(offset): there is more after the end of the document."
        case .tooManyValues:
            "The JSON has more than \(JSONDocument.valueLimit) keys and values."
        }
    }
}
