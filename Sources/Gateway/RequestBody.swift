import HTTPClient
import OpenAIAPI
import Transport

/// A request's body on its way through: in memory as long as it is small, then in a file without a name.
final class BodyStore {
    private var bytes: [UInt8] = []
    /// Where all of it is, once it is too large for memory.
    private var file: TemporaryFile?
    private let memoryLimit: Int
    private let directory: String
    /// Bytes of the body so far.
    private(set) var count = 0

    /// A body of which `expected` bytes are announced, if that is known.
    init(expected: Int?, memoryLimit: Int, directory: String) {
        self.memoryLimit = memoryLimit
        self.directory = directory
        if let expected, expected <= memoryLimit { bytes.reserveCapacity(expected) }
    }

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

    /// The body as it goes upstream, with `edits` made, and its length.
    ///
    /// To be called once: the store is empty then.
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

/// A stored body, read as if the edits had been made.
private final class EditedFile: StoredBody {
    let length: Int
    private let file: TemporaryFile
    private var pieces: [(start: Int, piece: RequestEdits.Piece)] = []

    init(_ file: consuming TemporaryFile, edits: RequestEdits) {
        let size = file.size
        self.file = file
        length = edits.newLength(of: size)
        var start = 0
        var pieces: [(start: Int, piece: RequestEdits.Piece)] = []
        edits.forEachPiece(length: size) { piece in
            pieces.append((start, piece))
            start += piece.count
        }
        self.pieces = pieces
    }

    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        var filled = 0
        for (start, piece) in pieces where offset + filled < start + piece.count && filled < buffer.count {
            let skipped = offset + filled - start
            guard skipped >= 0 else { break }
            let wanted = min(piece.count - skipped, buffer.count - filled)
            let target = UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<filled + wanted])
            switch piece {
            case .original(let range):
                let count = try file.read(at: range.lowerBound + skipped, into: target)
                filled += count
                if count < wanted { return filled }
            case .inserted(let bytes):
                target.copyBytes(from: bytes[skipped..<skipped + wanted])
                filled += wanted
            }
        }
        return filled
    }
}

extension RequestEdits.Piece {
    fileprivate var count: Int {
        switch self {
        case .original(let range): range.count
        case .inserted(let bytes): bytes.count
        }
    }
}
