/// Audio in the WAV format: one channel of 16-bit samples.
enum WaveFile {
    /// Samples a second.
    static let sampleRate = 24_000

    /// The header of a file with `count` bytes of samples.
    static func header(_ count: Int) -> [UInt8] {
        var bytes = Array("RIFF".utf8)
        bytes.appendLittleEndian(UInt32(count + 36))
        bytes += Array("WAVEfmt ".utf8)
        bytes.appendLittleEndian(UInt32(16))
        bytes.appendLittleEndian(UInt16(1))
        bytes.appendLittleEndian(UInt16(1))
        bytes.appendLittleEndian(UInt32(sampleRate))
        bytes.appendLittleEndian(UInt32(sampleRate * 2))
        bytes.appendLittleEndian(UInt16(2))
        bytes.appendLittleEndian(UInt16(16))
        bytes += Array("data".utf8)
        bytes.appendLittleEndian(UInt32(count))
        return bytes
    }

    /// One period of 50 samples, by the recurrence sin(x + d) = 2 cos(d) sin(x) - sin(x - d).
    private static let period: [UInt8] = {
        var bytes: [UInt8] = []
        var (last, present) = (-0.12533323356430426, 0.0)
        for _ in 0..<50 {
            bytes.appendLittleEndian(Int16(present * 8000))
            (last, present) = (present, 2 * 0.9921147013144779 * present - last)
        }
        return bytes
    }()

    /// Appends `count` bytes of a sine of 480 Hz.
    static func appendSine(_ count: Int, to bytes: inout [UInt8]) {
        bytes.reserveCapacity(bytes.count + count)
        var remaining = count
        while remaining > 0 {
            bytes += period.prefix(remaining)
            remaining -= period.count
        }
    }

    /// The length of the audio in a file: from the header of a WAV file (RIFF; chunks `fmt ` and `data`), else 16,000 bytes a second.
    ///
    /// - Parameters:
    ///   - head: the first bytes of the file.
    ///   - size: bytes of the file.
    /// - Returns: milliseconds, at least 1.
    static func milliseconds(head: [UInt8], size: Int) -> Int {
        func number(at offset: Int) -> Int {
            head[offset..<offset + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
        }
        func isTag(_ tag: String, at offset: Int) -> Bool { head[offset..<offset + 4].elementsEqual(tag.utf8) }
        let byRate = max(1, size * 1000 / 16_000)
        guard head.count >= 12, isTag("RIFF", at: 0), isTag("WAVE", at: 8) else { return byRate }
        var offset = 12
        var bytesPerSecond = 0
        while offset + 8 <= head.count {
            let length = number(at: offset + 4)
            if isTag("fmt ", at: offset), offset + 20 <= head.count { bytesPerSecond = number(at: offset + 16) }
            if isTag("data", at: offset), bytesPerSecond > 0 {
                return max(1, min(length, size - offset - 8) * 1000 / bytesPerSecond)
            }
            offset += 8 + length + length & 1
        }
        return byRate
    }
}
