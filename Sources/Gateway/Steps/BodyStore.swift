import HTTPClient
import OpenAIAPI
import Transport

/// A request's body on its way through: in memory while it is small, then in a file without a name.
///
/// Keys of clients in it are masked (`ClientKeys`). Small pieces are gathered, so that a client that sends byte by byte costs no
/// system call for each.
final class BodyStore {
    /// Bytes that are gathered for one write to the file.
    private static let gathered = 64 << 10

    /// All bytes, or those that are not in the file yet.
    private var bytes: [UInt8] = []
    /// The file, once the body is too large for memory.
    private var file: TemporaryFile?
    private let memoryLimit: Int
    private let directory: String
    /// The body that goes upstream in the place of this one, made of its parts.
    private var translated: RequestPieces?
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
        piece.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
        if count > memoryLimit, bytes.count >= Self.gathered { try write(keeping: ClientKeys.length - 1) }
    }

    /// Ends the body: call it once, before `outgoing`.
    func finish() throws(SystemError) {
        if count > memoryLimit { try write(keeping: 0) } else { ClientKeys.mask(&bytes) }
    }

    /// Moves the bytes to the file, but for the last `rest`, in which a key may have begun.
    private func write(keeping rest: Int) throws(SystemError) {
        var bytes = takeBytes()
        ClientKeys.mask(&bytes)
        var file = if let file = file.take() { file } else { try TemporaryFile(in: directory) }
        let written = max(0, bytes.count - rest)
        try bytes.span.withUnsafeBytes { bytes throws(SystemError) in
            try file.append(UnsafeRawBufferPointer(rebasing: bytes[..<written]))
        }
        bytes.removeFirst(written)
        self.bytes = bytes
        self.file = consume file
    }

    private func takeBytes() -> [UInt8] {
        var taken: [UInt8] = []
        swap(&taken, &bytes)
        return taken
    }

    /// The whole body, after `finish`.
    func whole() throws(SystemError) -> [UInt8] {
        switch file {
        case .some(let file): try file.whole()
        case .none: bytes
        }
    }

    /// Sends `pieces` of the body in its place.
    func replace(by pieces: RequestPieces) { translated = pieces }

    /// The body as it goes upstream, with `edits` made, and its length. Call it once: it empties the store.
    func outgoing(_ edits: RequestEdits) -> (body: ClientRequest.Body, length: Int) {
        if let translated { return outgoing(translated.edited(by: edits)) }
        let length = edits.newLength(of: count)
        if let file = file.take() { return (.stored(EditedFile(file, edits.pieces(length: count))), length) }
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

    private func outgoing(_ pieces: RequestPieces) -> (body: ClientRequest.Body, length: Int) {
        translated = nil
        if let file = file.take() { return (.stored(EditedFile(file, pieces.bodyPieces)), pieces.count) }
        return (.bytes(pieces.joined(with: takeBytes())), pieces.count)
    }
}
