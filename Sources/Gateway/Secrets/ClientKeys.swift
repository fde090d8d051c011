import Bytes
import Policy

/// Finds keys of clients in what goes upstream: in a query, a header or a body. Their secret is replaced by asterisks of the same
/// number, so that no length changes.
enum ClientKeys {
    /// The length of a key, after which its whole text has come.
    static let length = APIKey.length

    private static let prefix = BytePattern(APIKey.prefixBytes)

    /// Returns true if a key may begin in `bytes`.
    static func mayBegin(in bytes: Span<UInt8>) -> Bool { prefix?.firstIndex(in: bytes, from: 0) != nil }

    /// Replaces the secret of every key that begins in `bytes[start...]`.
    static func mask(_ bytes: inout [UInt8], from start: Int = 0) {
        guard let prefix else { return }
        var position = start
        while let found = prefix.firstIndex(in: bytes.span, from: position) {
            position = found + prefix.bytes.count
            let end = found + length
            guard end <= bytes.count, APIKey.isWellFormed(bytes.span.extracting(found..<end)) else { continue }
            for index in end - APIKey.secretLength..<end { bytes[index] = UInt8(ascii: "*") }
            position = end
        }
    }
}
