import CZlib

/// Inflates a copy of a gzip or zlib stream as it passes, in any split. A damaged stream yields nothing more.
struct Inflater: ~Copyable {
    // Allocated on the heap, since zlib keeps a pointer to it.
    private let stream: UnsafeMutablePointer<z_stream>
    /// True where nothing more is inflated: the stream has ended, is damaged or too large.
    private var isDone = false
    /// True where all bytes were one sound stream, read to its end.
    private(set) var isWhole = false
    /// True where bytes were not read: they are no part of one sound stream, or of one that is too large.
    var isDamaged: Bool { isDone && !isWhole }
    private var produced = 0
    private let limit: Int

    /// - Parameter limit: the most bytes of plain text: a small body can stand for a very large one.
    init?(limit: Int) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        self.limit = limit
        guard CZlib_inflateInit(stream) == Z_OK else {
            stream.deallocate()
            return nil
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Calls `body` with the plain text of `bytes`, piece by piece.
    mutating func inflate(_ bytes: Span<UInt8>, _ body: (Span<UInt8>) -> Void) {
        guard !bytes.isEmpty else { return }
        guard !isDone else { return isWhole = false }
        bytes.withUnsafeBufferPointer { input in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 16 * 1024) { output in
                // zlib does not write to its input; its header has no const.
                stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.pointee.avail_in = uInt(input.count)
                repeat {
                    stream.pointee.next_out = output.baseAddress
                    stream.pointee.avail_out = uInt(output.count)
                    let status = CZlib.inflate(stream, Z_NO_FLUSH)
                    let count = output.count - Int(stream.pointee.avail_out)
                    produced += count
                    if count > 0 { body(Span(_unsafeElements: UnsafeBufferPointer(rebasing: output[..<count]))) }
                    isWhole = status == Z_STREAM_END && produced <= limit && stream.pointee.avail_in == 0
                    // Z_BUF_ERROR: the last round had written all that there was.
                    isDone = status != Z_OK && status != Z_BUF_ERROR || produced > limit
                } while !isDone && stream.pointee.avail_out == 0
            }
        }
    }

    /// The plain text of a whole stream; nil for one that is damaged, or has more than `limit` bytes.
    @inline(never)
    static func inflated(_ bytes: [UInt8], limit: Int) -> [UInt8]? {
        var plain: [UInt8] = []
        guard var inflater = Inflater(limit: limit) else { return nil }
        inflater.inflate(bytes.span) { plain.append($0) }
        return inflater.isWhole ? plain : nil
    }
}
