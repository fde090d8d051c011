import CZlib

/// An image in the PNG format (second edition of the specification, ISO 15948).
enum PNGImage {
    /// A gradient of 8-bit grey.
    ///
    /// - Parameters:
    ///   - width: pixels, from 1 to 2048.
    ///   - height: pixels, from 1 to 2048.
    ///   - size: bytes that the file has at least: a private chunk, which readers skip, fills it.
    static func encode(width: Int, height: Int, atLeast size: Int) -> [UInt8] {
        var header: [UInt8] = []
        header.appendBigEndian(UInt32(width))
        header.appendBigEndian(UInt32(height))
        // 8 bits, grey, and the only methods of compression, filter and interlace.
        header += [8, 0, 0, 0, 0]
        var rows: [UInt8] = []
        rows.reserveCapacity((width + 1) * height)
        for y in 0..<height {
            rows.append(0)
            for x in 0..<width { rows.append(UInt8(truncatingIfNeeded: x + y)) }
        }

        var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        append("IHDR", header, to: &file)
        append("IDAT", compressed(rows), to: &file)
        let chunkFrame = 12
        let missing = size - file.count - chunkFrame
        if missing >= chunkFrame {
            append("paDd", [UInt8](repeating: 0x20, count: missing - chunkFrame), to: &file)
        }
        append("IEND", [], to: &file)
        return file
    }

    /// Appends a chunk: its length, kind, content and checksum.
    private static func append(_ kind: String, _ content: [UInt8], to file: inout [UInt8]) {
        let checked = Array(kind.utf8) + content
        file.appendBigEndian(UInt32(content.count))
        file += checked
        file.appendBigEndian(UInt32(truncatingIfNeeded: crc32(0, checked, UInt32(checked.count))))
    }

    /// `bytes` in the zlib format (RFC 1950).
    private static func compressed(_ bytes: [UInt8]) -> [UInt8] {
        var length = compressBound(UInt(bytes.count))
        var output = [UInt8](repeating: 0, count: Int(length))
        let status = compress(&output, &length, bytes, UInt(bytes.count))
        precondition(status == Z_OK, "zlib cannot allocate its state")
        output.removeLast(output.count - Int(length))
        return output
    }
}
