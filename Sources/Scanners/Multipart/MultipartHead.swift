import Bytes

/// The head of a part: the name and type of its field.
struct MultipartHead: Sendable {
    var name: String
    var fileName: String?
    var contentType: String?

    /// - Parameter block: the lines with their CR LF, without the empty line.
    /// - Throws: the kind of the fault.
    init(_ block: Span<UInt8>) throws(MultipartError.Kind) {
        var disposition: Disposition?
        var contentType: String?
        var start = 0
        while start < block.count {
            let lineFeed = block.index(of: ASCII.lineFeed, from: start)
            guard lineFeed < block.count, lineFeed > start, block[lineFeed - 1] == ASCII.carriageReturn else {
                throw .invalidHead
            }
            let (name, value) = try Self.field(block, start..<lineFeed - 1)
            start = lineFeed + 1
            switch name {
            case "content-disposition":
                guard disposition == nil else { throw .invalidDisposition }
                disposition = try Disposition(block.extracting(value))
            case "content-type":
                guard contentType == nil else { throw .invalidHead }
                contentType = String(decoding: [UInt8](value, of: block), as: UTF8.self)
            case "content-transfer-encoding":
                let encoding = String(decoding: [UInt8](value, of: block).map(ASCII.lowercased), as: UTF8.self)
                guard ["7bit", "8bit", "binary"].contains(encoding) else { throw .unsupportedEncoding }
            default:
                break
            }
        }
        guard let disposition else { throw .invalidDisposition }
        name = disposition.name
        fileName = disposition.fileName
        self.contentType = contentType
    }

    /// The name of a field in lower case, and its value without the blanks around it.
    private static func field(
        _ block: Span<UInt8>, _ line: Range<Int>
    ) throws(MultipartError.Kind) -> (name: String, value: Range<Int>) {
        var colon = line.lowerBound
        var name: [UInt8] = []
        while colon < line.upperBound, ASCIISet.token.contains(block[colon]) {
            name.append(ASCII.lowercased(block[colon]))
            colon += 1
        }
        // A blank at the start of a line continues the line before. This is obsolete, and parsers read it differently.
        guard !name.isEmpty, colon < line.upperBound, block[colon] == ASCII.colon else { throw .invalidHead }
        let value = colon + 1..<line.upperBound
        for index in value {
            guard !ASCII.isControl(block[index]) || block[index] == ASCII.tab else { throw .invalidHead }
        }
        return (String(decoding: name, as: UTF8.self), block.trimmed(value))
    }
}

/// The value of `content-disposition` (RFC 7578, section 4.2).
private struct Disposition {
    let name: String
    let fileName: String?

    init(_ value: Span<UInt8>) throws(MultipartError.Kind) {
        var reader = ParameterReader(value)
        guard let type = reader.readToken(value), Self.lowercased(type, in: value) == "form-data" else {
            throw .invalidDisposition
        }
        var name: String?
        var fileName: String?
        var extendedFileName: String?
        reading: while true {
            switch reader.next(in: value, unquoted: ASCIISet.token.contains) {
            case .end:
                break reading
            case .malformed:
                throw .invalidDisposition
            case .parameter(let key, let content):
                switch Self.lowercased(key, in: value) {
                case "name":
                    guard name == nil, !content.isAmbiguous(in: value),
                        let text = String(validating: Self.decoded(content, in: value), as: UTF8.self)
                    else { throw .ambiguousParameter }
                    name = text
                case "filename":
                    guard fileName == nil else { throw .ambiguousParameter }
                    fileName = String(decoding: Self.decoded(content, in: value), as: UTF8.self)
                case "filename*":
                    guard extendedFileName == nil else { throw .ambiguousParameter }
                    extendedFileName = Self.extended(content.decoded(in: value))
                case let other where other.hasPrefix("name*") || other.hasPrefix("filename*"):
                    // RFC 2231 joins a name from pieces. Most parsers do not.
                    throw .ambiguousParameter
                default:
                    break
                }
            }
        }
        guard let name else { throw .missingName }
        self.name = name
        self.fileName = fileName ?? extendedFileName
    }

    private static func lowercased(_ range: Range<Int>, in value: Span<UInt8>) -> String {
        String(decoding: [UInt8](range, of: value).map(ASCII.lowercased), as: UTF8.self)
    }

    /// Decodes `%22`, `%0D` and `%0A`, the only escapes that browsers write here (WHATWG HTML, section 4.10.21.8).
    private static func decoded(_ content: ParameterContent, in value: Span<UInt8>) -> [UInt8] {
        PercentCoding.decoded(content.decoded(in: value).span) {
            $0 == ASCII.quote || $0 == ASCII.carriageReturn || $0 == ASCII.lineFeed
        }
    }

    /// Decodes `charset'language'text` (RFC 8187), which older Python clients send for names outside ASCII.
    private static func extended(_ bytes: [UInt8]) -> String {
        let pieces = bytes.split(separator: 0x27, maxSplits: 2, omittingEmptySubsequences: false)
        let text = pieces.count == 3 ? Array(pieces[2]) : bytes
        return String(decoding: PercentCoding.decoded(text.span), as: UTF8.self)
    }

}
