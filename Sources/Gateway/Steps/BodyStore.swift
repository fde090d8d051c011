import HTTPClient
import OpenAIAPI
import Transport

/// A request's body on its way through: in memory while it is small, then in a file without a name.
final class BodyStore {
    private var bytes: [UInt8] = []
    /// The file that has all of it, once it is too large for memory.
    private var file: TemporaryFile?
    private let memoryLimit: Int
    private let directory: String
    /// Bytes of the body so far.
    private(set) var count = 0

    /// - Parameter expected: the announced length, where there is one.
    init(expected: Int?, memoryLimit: Int, directory: String) {
        self.memoryLimit = memoryLimit
        self.directory = directory
        if let expected, expected <= memoryLimit { bytes.reserveCapacity(expected) }
    }

    /// Keeps the next piece.
    func append(_ piece: Span<UInt8>) throws(SystemError) {
        count += piece.count
        guard count > memoryLimit else { return piece.withUnsafeBufferPointer { bytes.append(contentsOf: $0) } }
        var file = if let file = file.take() { file } else { try TemporaryFile(in: directory) }
        let kept = takeBytes()
        if !kept.isEmpty { try kept.span.withUnsafeBytes { bytes throws(SystemError) in try file.append(bytes) } }
        try piece.withUnsafeBytes { piece throws(SystemError) in try file.append(piece) }
        self.file = consume file
    }

    private func takeBytes() -> [UInt8] {
        defer { bytes = [] }
        return bytes
    }

    /// The body as it goes upstream, with `edits` made, and its length. Call it once: it empties the store.
    func outgoing(_ edits: RequestEdits) -> (body: ClientRequest.Body, length: Int) {
        let length = edits.newLength(of: count)
        if let file = file.take() { return (.stored(EditedFile(file, edits: edits)), length) }
        let bytes = takeBytes()
        guard !edits.isEmpty else { return (bytes.isEmpty ? .none : .bytes(bytes), length) }
        var edited: [UInt8] = []
        edited.reserveCapacity(length)
        edits.forEachPiece(length: bytes.count) { piece in
            switch piece {
            case .original(let range): edited.append(contentsOf: bytes[range])
            case .inserted(let inserted): edited.append(contentsOf: inserted)
            }
        }
        return (.bytes(edited), length)
    }
}
