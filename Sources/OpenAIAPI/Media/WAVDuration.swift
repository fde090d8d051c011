/// WAV: chunks of RIFF, of which `fmt ` has the bytes a second and `data` the sound.
struct WAVDuration: SoundFormat {
    private enum Expected {
        case chunk
        /// The first 16 bytes of `fmt `, which has `rest` more.
        case format(rest: Int)
    }

    private var expected = Expected.chunk
    private var byteRate: Int64?
    /// The offset of the sound in the file.
    private var soundStart = 0
    private var soundBytes: Int64?

    static func start(_ header: SoundHeader) -> (WAVDuration, HeaderStep)? {
        guard header.has("RIFF", at: 0), header.has("WAVE", at: 8) else { return nil }
        return (WAVDuration(), .read(8, after: 0))
    }

    mutating func read(_ header: SoundHeader, end: Int) -> HeaderStep {
        switch expected {
        case .chunk: readChunk(header, end: end)
        case .format(let rest): readFormat(header, rest: rest)
        }
    }

    private mutating func readChunk(_ header: SoundHeader, end: Int) -> HeaderStep {
        let length = Int(header.littleEndian(at: 4, 4))
        if header.has("fmt ", at: 0), length >= 16 {
            expected = .format(rest: length - 16 + length % 2)
            return .read(16, after: 0)
        }
        guard header.has("data", at: 0) else { return .read(8, after: length + length % 2) }
        soundStart = end
        // Recorders that do not know the length write 0 or the largest number.
        if length > 0, length < 0xFFFF_FFFF { soundBytes = Int64(length) }
        return .stop
    }

    private mutating func readFormat(_ header: SoundHeader, rest: Int) -> HeaderStep {
        let rate = Int64(header.littleEndian(at: 8, 4))
        guard (1000...10_000_000).contains(rate) else { return .stop }
        byteRate = rate
        expected = .chunk
        return .read(8, after: rest)
    }

    func milliseconds(fileSize size: Int) -> Int64? {
        guard let byteRate else { return nil }
        return SoundDuration.milliseconds(soundBytes ?? Int64(max(0, size - soundStart)), each: byteRate)
    }
}
