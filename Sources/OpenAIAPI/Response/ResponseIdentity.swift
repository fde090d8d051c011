import Bytes
import Scanners

/// Takes over who answered, as far as a header may say it: nothing that an upstream could end a header line with.
extension ResponseMetadata {
    /// Takes the `id` and the model of the document in `scanner`, where they are not known yet.
    mutating func takeNames(from scanner: borrowing JSONScanner) {
        if id == nil, scanner.kind(ResponsePaths.id) == .string {
            id = scanner.found(ResponsePaths.id)?.text.flatMap { Self.isPrintable($0) ? $0 : nil }
        }
        if model == nil, scanner.kind(ResponsePaths.model) == .string {
            model = scanner.found(ResponsePaths.model)?.text
        }
    }

    /// Takes the `backend` whose JSON text is `bytes`, which are valid.
    mutating func takeBackend(_ bytes: Span<UInt8>) {
        if bytes.count <= Self.backendLimit, Self.isPrintable(bytes) {
            backend = bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
            return
        }
        var compact: [UInt8] = []
        bytes.withUnsafeBufferPointer { JSONString.appendCompact([UInt8]($0), to: &compact) }
        if compact.count <= Self.backendLimit { backend = String(decoding: compact, as: UTF8.self) }
    }

    /// Whether there is neither white space nor anything beyond ASCII in it.
    private static func isPrintable(_ bytes: Span<UInt8>) -> Bool {
        for index in bytes.indices where !(0x21...0x7E).contains(bytes[index]) { return false }
        return true
    }

    private static func isPrintable(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}
