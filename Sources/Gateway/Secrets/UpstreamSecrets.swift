import Bytes

/// The upstream's keys, which must not come down to a client: an upstream may quote its own credentials in an error.
///
/// A key is replaced by asterisks of the same number, so that no length changes. The configuration has no key that could be a
/// word of a response.
struct UpstreamSecrets: Sendable {
    private let patterns: [BytePattern]

    init(_ keys: [String]) {
        patterns = keys.compactMap { BytePattern(Array($0.utf8)) }
    }

    /// Replaces every key in `bytes[start...]`. Returns true if there was one.
    @discardableResult
    func mask(_ bytes: inout [UInt8], from start: Int = 0) -> Bool {
        var hasFound = false
        for pattern in patterns {
            var position = start
            while let found = pattern.firstIndex(in: bytes.span, from: position) {
                position = found + pattern.bytes.count
                for index in found..<position { bytes[index] = UInt8(ascii: "*") }
                hasFound = true
            }
        }
        return hasFound
    }

    /// The number of bytes at the end of `bytes[start...]` that may be the beginning of a key.
    func lengthBegun(atEndOf bytes: Span<UInt8>, from start: Int) -> Int {
        // Keys have no control bytes and no spaces, so that an event, a line or a document ends with none of one.
        guard let last = bytes.indices.last, start <= last, bytes[last] > ASCII.space else { return 0 }
        return patterns.reduce(0) { max($0, $1.lengthBegun(atEndOf: bytes, from: start)) }
    }
}

/// Masks the upstream's keys in a body that passes in pieces.
struct SecretFilter {
    private let secrets: UpstreamSecrets
    /// The end of what came, which may be the beginning of a key.
    private var held: [UInt8] = []

    /// True where the body so far ends with what may be the beginning of a key.
    var isHolding: Bool { !held.isEmpty }

    init(_ secrets: UpstreamSecrets) { self.secrets = secrets }

    /// Puts what was held in front of the next piece, which the caller then appends to `output`.
    mutating func begin(_ output: inout [UInt8]) {
        guard !held.isEmpty else { return }
        output.append(contentsOf: held)
        held.removeAll()
    }

    /// Masks `output[start...]`, and holds the end of it that may be the beginning of a key. Returns true if there was a key.
    @discardableResult
    mutating func end(_ output: inout [UInt8], from start: Int) -> Bool {
        let hasMasked = secrets.mask(&output, from: start)
        let count = secrets.lengthBegun(atEndOf: output.span, from: start)
        guard count > 0 else { return hasMasked }
        held = Array(output.suffix(count))
        output.removeLast(count)
        return hasMasked
    }

    /// Ends the body with `rest`, the bytes after the last piece, in front of which it puts what was held.
    mutating func finish(_ rest: inout [UInt8]) {
        rest = held + rest
        held.removeAll()
        secrets.mask(&rest)
    }
}
