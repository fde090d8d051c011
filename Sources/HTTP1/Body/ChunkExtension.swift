import Bytes

/// Checks the extensions of one chunk, byte by byte, from the byte after the size.
///
/// The grammar is `*( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )` (RFC 9112, section 7.1.1). A recipient
/// must parse the white space (RFC 9110, section 5.6.3), but none may precede the CR.
struct ChunkExtension: Sendable {
    private enum State: Sendable {
        case beforeName, name, afterName, beforeValue, token, quoted, quotedPair, afterQuoted
        /// Before a semicolon: after the size or a value.
        case blank
    }

    private var state = State.blank

    /// Checks a byte. Returns true for the CR that ends the line.
    mutating func step(_ byte: UInt8) throws(HTTP1Error) -> Bool {
        if byte == ASCII.lineFeed { throw .invalidLineEnding }
        if byte == ASCII.carriageReturn {
            switch state {
            case .name, .token, .afterQuoted: return true
            default: throw .invalidChunkExtension
            }
        }
        guard let next = next(byte) else { throw .invalidChunkExtension }
        state = next
        return false
    }

    private func next(_ byte: UInt8) -> State? {
        let isToken = ASCIISet.token.contains(byte)
        let isBlank = ASCII.isBlank(byte)
        switch state {
        case .beforeName:
            return isToken ? .name : isBlank ? .beforeName : nil
        case .name:
            if isToken { return .name }
            fallthrough
        case .afterName:
            if isBlank { return .afterName }
            if byte == ASCII.equals { return .beforeValue }
            return byte == ASCII.semicolon ? .beforeName : nil
        case .beforeValue:
            if byte == ASCII.quote { return .quoted }
            return isToken ? .token : isBlank ? .beforeValue : nil
        case .token:
            if isToken { return .token }
            fallthrough
        case .afterQuoted, .blank:
            return isBlank ? .blank : byte == ASCII.semicolon ? .beforeName : nil
        case .quoted:
            if byte == ASCII.quote { return .afterQuoted }
            if byte == ASCII.backslash { return .quotedPair }
            return ASCII.isControl(byte) && byte != ASCII.tab ? nil : .quoted
        case .quotedPair:
            return ASCII.isControl(byte) && byte != ASCII.tab ? nil : .quoted
        }
    }
}
