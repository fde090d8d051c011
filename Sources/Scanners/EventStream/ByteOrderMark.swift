/// U+FEFF in UTF-8. A stream or a document can begin with it, without a meaning.
enum ByteOrderMark {
    static let length = 3

    @inline(__always)
    static func byte(at index: Int) -> UInt8 {
        switch index {
        case 0: 0xEF
        case 1: 0xBB
        default: 0xBF
        }
    }

    static func begins(_ bytes: Span<UInt8>) -> Bool {
        bytes.count >= length && (0..<length).allSatisfy { bytes[$0] == byte(at: $0) }
    }
}
