import Glibc

/// Reads cases from the standard input, and prints a line with what we read for each. `referees.py` compares the lines with what
/// other parsers read.
///
/// A case is a letter, its length as four bytes, the lowest first, and its bytes. Bytes in lines are hexadecimal.
@main
struct Reader {
    static func main() {
        while let (kind, bytes) = nextCase() {
            switch kind {
            case UInt8(ascii: "q"): print(HeadReading.request(bytes.span))
            case UInt8(ascii: "r"): print(HeadReading.response(bytes.span))
            case UInt8(ascii: "c"): print(BodyReading.chunked(bytes.span))
            case UInt8(ascii: "j"): print(JSONReading.document(bytes.span))
            case UInt8(ascii: "x"): print(TranslationReading.request(bytes.span, .responses))
            case UInt8(ascii: "y"): print(TranslationReading.request(bytes.span, .messages))
            case UInt8(ascii: "X"): print(TranslationReading.response(bytes.span, .responses))
            case UInt8(ascii: "Y"): print(TranslationReading.response(bytes.span, .messages))
            default: print(MultipartReading.body(bytes.span))
            }
        }
    }

    private static func nextCase() -> (kind: UInt8, bytes: [UInt8])? {
        guard let header = read(5) else { return nil }
        let count = header[1...].reversed().reduce(0) { $0 << 8 | Int($1) }
        return read(count).map { (header[0], $0) }
    }

    /// The next `count` bytes; nil at the end.
    private static func read(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let added = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(STDIN_FILENO, buffer.baseAddress! + filled, count - filled)
            }
            guard added > 0 else { return nil }
            filled += added
        }
        return bytes
    }
}
