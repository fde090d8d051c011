import HTTPClient
import OpenAIAPI
import Transport

/// A stored body with edits: it reads as if they had been made in the file.
final class EditedFile: StoredBody {
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
