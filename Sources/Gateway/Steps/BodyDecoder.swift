import HTTP1
import OpenAIAPI

/// Decodes a compressed request body, so that what the gateway judges is what the upstream reads: the body is forwarded decoded.
final class BodyDecoder {
    private var inflater: Inflater
    private var isEmpty = true

    /// - Parameter limit: the most bytes of decoded body. Decoding stops right above it.
    private init?(limit: Int) {
        guard let inflater = Inflater(limit: limit) else { return nil }
        self.inflater = inflater
    }

    /// The decoder for a body with the header `fields`; nil for one that is not compressed.
    ///
    /// - Throws: 415 for any coding but gzip and deflate (RFC 9110, section 8.4), also for several.
    static func of(_ fields: HeaderFields, limit: Int) throws(RequestFailure) -> BodyDecoder? {
        guard let field = try fields.only("content-encoding"), fields.contentCoding != .identity else { return nil }
        guard fields.contentCoding == .inflatable else {
            throw .refused(.unsupportedEncoding(fields.string(field)))
        }
        guard let decoder = BodyDecoder(limit: limit) else { throw .refused(.overloaded) }
        return decoder
    }

    /// Calls `receive` with the decoded text of `piece`, once or more, or not at all.
    func decode(_ piece: Span<UInt8>, _ receive: (Span<UInt8>) -> Void) {
        if !piece.isEmpty { isEmpty = false }
        inflater.inflate(piece, receive)
    }

    /// True where the bytes so far are no part of a sound body.
    var isDamaged: Bool { inflater.isDamaged }

    /// True where the whole body was decoded. A body without bytes is whole.
    var isWhole: Bool { isEmpty || inflater.isWhole }
}
