import Bytes
import Scanners

/// Reads the identity of a response as far as a header may contain it, so that no upstream can end a header line.
extension ResponseMetadata {
    /// Reads the `id` and the model of the document in `scanner`, unless they are known.
    ///
    /// - Parameter hasOwnID: The `id` is that of the response, and not of a resource that it is about.
    mutating func readNames(from scanner: borrowing JSONScanner, hasOwnID: Bool) {
        if id == nil, hasOwnID { id = scanner.string(ResponsePaths.id).flatMap { Self.isPrintable($0) ? $0 : nil } }
        if model == nil { model = scanner.string(ResponsePaths.model) }
    }

    /// Reads the `backend` whose JSON text is `bytes`, which are valid.
    mutating func readBackend(_ bytes: Span<UInt8>) {
        if bytes.count <= Self.backendLimit, Self.isPrintable(bytes) {
            backend = bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
            return
        }
        var compact: [UInt8] = []
        compact.reserveCapacity(bytes.count)
        JSONString.appendCompact(bytes, to: &compact)
        if compact.count <= Self.backendLimit { backend = String(decoding: compact, as: UTF8.self) }
    }

    /// Returns true if there are only visible ASCII characters.
    private static func isPrintable(_ bytes: Span<UInt8>) -> Bool {
        bytes.allSatisfy { (0x21...0x7E).contains($0) }
    }

    private static func isPrintable(_ text: String) -> Bool {
        !text.isEmpty && isPrintable(text.utf8.span)
    }
}
