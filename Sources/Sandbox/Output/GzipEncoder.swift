import CZlib

/// A gzip stream (RFC 1952) that is written piece by piece.
///
/// - Note: Unsafe code. zlib keeps the address of its `z_stream`, so the stream has a fixed place on the heap, from
///   `init` to `deinit`. zlib uses buffers during one call alone.
final class GzipEncoder {
    private let stream: UnsafeMutablePointer<z_stream>

    init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 15: the largest window; 16: with gzip's head and trailer.
        let status = deflateInit2_(
            stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "zlib cannot allocate its state")
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Appends `bytes` compressed, up to a byte border: a client can decode them at once.
    func append(_ bytes: [UInt8], to output: inout [UInt8]) { deflate(bytes, Z_SYNC_FLUSH, to: &output) }

    /// Appends the last block, the checksum and the length.
    func finish(to output: inout [UInt8]) { deflate([], Z_FINISH, to: &output) }

    /// `bytes` as a whole gzip file.
    static func encode(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        GzipEncoder().deflate(bytes, Z_FINISH, to: &output)
        return output
    }

    private func deflate(_ bytes: [UInt8], _ flush: Int32, to output: inout [UInt8]) {
        var bytes = bytes
        let bound = Int(deflateBound(stream, UInt(bytes.count))) + 16
        let start = output.count
        output.append(contentsOf: repeatElement(0, count: bound))
        let written = bytes.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.pointee.next_in = input.baseAddress
                stream.pointee.avail_in = UInt32(input.count)
                stream.pointee.next_out = output.baseAddress?.advanced(by: start)
                stream.pointee.avail_out = UInt32(bound)
                _ = CZlib.deflate(stream, flush)
                return bound - Int(stream.pointee.avail_out)
            }
        }
        output.removeLast(bound - written)
    }
}
