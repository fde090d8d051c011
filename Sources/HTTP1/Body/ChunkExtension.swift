import Bytes

/// The extensions of one chunk, byte by byte, from behind the first semicolon: `*( BWS ";" BWS chunk-ext-name [ BWS "="
/// BWS chunk-ext-val ] )` (RFC 9112, 7.1.1). White space before the CR is refused, as the grammar has it.
struct ChunkExtension: Sendable {
    private enum State: Sendable {
        case beforeName, name, behindName, beforeValue, token, quoted, quotedPair, behindQuoted, blank
    }

    private var state = State.beforeName

    /// Takes a byte. True when it was the CR that ends the line.
    mutating func step(_ byte: UInt8) throws(HTTP1Error) -> Bool {
        if byte == ASCII.lineFeed { throw .invalidLineEnding }
        if byte == ASCII.carriageReturn {
            switch state {
            case .name, .token, .behindQuoted: return true
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
        case .behindName:
            if isBlank { return .behindName }
            if byte == ASCII.equals { return .beforeValue }
            return byte == ASCII.semicolon ? .beforeName : nil
        case .beforeValue:
            if byte == ASCII.quote { return .quoted }
            return isToken ? .token : isBlank ? .beforeValue : nil
        case .token:
            if isToken { return .token }
            fallthrough
        case .behindQuoted, .blank:
            return isBlank ? .blank : byte == ASCII.semicolon ? .beforeName : nil
        case .quoted:
            if byte == ASCII.quote { return .behindQuoted }
            if byte == ASCII.backslash { return .quotedPair }
            return ASCII.isControl(byte) && byte != ASCII.tab ? nil : .quoted
        case .quotedPair:
            return ASCII.isControl(byte) && byte != ASCII.tab ? nil : .quoted
        }
    }
}
