/// The fault of a body that is not valid multipart/form-data, and its place. Nothing after it is read.
package struct MultipartError: Error, Hashable, Sendable {
    /// The kinds of faults. No case holds bytes of the body.
    package enum Kind: Error, Hashable, Sendable {
        /// Bytes after the boundary on the line of a delimiter (RFC 2046, section 5.1.1), or a delimiter directly after a part's
        /// head.
        case invalidDelimiter
        /// A head that does not consist of `name: value` lines with CR LF.
        case invalidHead
        /// A head that is larger than the limit.
        case headTooLarge
        /// More parts than the limit.
        case tooManyParts
        /// A part without `content-disposition: form-data`, or with two of them (RFC 7578, section 4.2).
        case invalidDisposition
        /// A disposition without a `name`.
        case missingName
        /// A parameter of a disposition that is repeated, or that parsers read differently.
        case ambiguousParameter
        /// A `content-transfer-encoding` that changes the content (RFC 7578, section 4.7).
        case unsupportedEncoding
        /// A delimiter after the closing one.
        case delimiterAfterEnd
        /// The end of the body without the closing delimiter.
        case missingClosingDelimiter
    }

    package let kind: Kind
    /// The offset in the body of the first wrong byte, or of the end of the head with the fault.
    package let offset: Int

    package init(_ kind: Kind, at offset: Int) {
        self.kind = kind
        self.offset = offset
    }

    /// The fault and the remedy, in a sentence for the sender.
    package var message: String {
        switch kind {
        case .invalidDelimiter:
            "Invalid multipart body at byte \(offset): the boundary must stand on a line of its own."
        case .invalidHead:
            "Invalid multipart body at byte \(offset): a part's head must be lines of \"name: value\" that end with "
                + "CR LF."
        case .headTooLarge:
            "Invalid multipart body at byte \(offset): the head of a part is too large."
        case .tooManyParts:
            "Invalid multipart body at byte \(offset): it has too many parts."
        case .invalidDisposition:
            "Invalid multipart body at byte \(offset): every part needs one \"content-disposition: form-data\"."
        case .missingName:
            "Invalid multipart body at byte \(offset): the part's content-disposition has no name."
        case .ambiguousParameter:
            "Invalid multipart body at byte \(offset): a parameter of the part's content-disposition stands twice or "
                + "is written in a way that is read differently. Write name=\"…\" once."
        case .unsupportedEncoding:
            "Invalid multipart body at byte \(offset): content-transfer-encoding is not supported. Send the content as "
                + "it is."
        case .delimiterAfterEnd:
            "Invalid multipart body at byte \(offset): there is another part after the closing delimiter."
        case .missingClosingDelimiter:
            "Invalid multipart body: it ends at byte \(offset) without the closing delimiter."
        }
    }
}
