/// Why a body is no multipart/form-data that can be passed on, and where. The body ends with it.
package struct MultipartError: Error, Hashable, Sendable {
    /// What is wrong. No case carries bytes of the body.
    package enum Kind: Error, Hashable, Sendable {
        /// The line of a delimiter goes on behind the boundary (RFC 2046, 5.1.1), or a delimiter stands where a part's
        /// content has to begin.
        case invalidDelimiter
        /// A part's head that is no list of `name: value` lines that end with CR LF.
        case invalidHead
        /// A part's head beyond its limit.
        case headTooLarge
        /// More parts than the limit.
        case tooManyParts
        /// A part without `content-disposition: form-data`, or with two of them (RFC 7578, 4.2).
        case invalidDisposition
        /// A part's disposition has no `name`.
        case missingName
        /// A parameter of a part's disposition stands twice, or is spelled so that readers differ about it.
        case ambiguousParameter
        /// A `content-transfer-encoding` that changes the content (RFC 7578, 4.7).
        case unsupportedEncoding
        /// A delimiter behind the closing one.
        case delimiterBehindEnd
        /// The body ends without the closing delimiter.
        case missingClosingDelimiter
    }

    /// What is wrong.
    package let kind: Kind
    /// Where it was noticed, from the body's first byte: the byte itself, or the end of the head it is in.
    package let offset: Int

    package init(_ kind: Kind, at offset: Int) {
        self.kind = kind
        self.offset = offset
    }

    /// What is wrong and what to do, in a sentence for the sender.
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
        case .delimiterBehindEnd:
            "Invalid multipart body at byte \(offset): there is another part behind the closing delimiter."
        case .missingClosingDelimiter:
            "Invalid multipart body: it ends at byte \(offset) without the closing delimiter."
        }
    }
}
