import HTTPClient
import OpenAIAPI
import Transport

/// A body made of parts of a stored one and of bytes between them: it reads as if they stood in a file.
final class EditedFile: StoredBody {
    let length: Int
    private let file: TemporaryFile
    private let pieces: [(start: Int, piece: RequestEdits.Piece)]

    /// - Parameter pieces: parts of `file` and other bytes, in order.
    init(_ file: consuming TemporaryFile, _ pieces: [RequestEdits.Piece]) {
        self.file = file
        var length = 0
        self.pieces = pieces.map { piece in
            defer { length += piece.count }
            return (length, piece)
        }
        self.length = length
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

extension RequestEdits {
    /// The pieces of the edited body; `length` is the original's.
    func pieces(length: Int) -> [Piece] {
        var pieces: [Piece] = []
        forEachPiece(length: length) { pieces.append($0) }
        return pieces
    }
}

extension RequestPieces {
    /// The pieces with their bytes.
    var bodyPieces: [RequestEdits.Piece] {
        pieces.map { piece in
            switch piece {
            case .original(let range): .original(range)
            case .generated(let range): .inserted(Array(generated[range]))
            }
        }
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
