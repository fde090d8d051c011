import Bytes

/// MP3: frames of MPEG audio with their own sizes, perhaps after a tag of ID3v2. The samples of all frames are counted.
struct MP3Duration: SoundFormat {
    /// The most bytes that are searched for the first frame.
    private static let searchLimit = 4096

    private enum Expected {
        case frame
        /// The beginning of the first frame, which may describe the file and have no sound.
        case firstFrame(MP3Frame)
    }

    private var expected = Expected.frame
    private var samples: Int64 = 0
    private var sampleRate: Int64 = 0
    /// The offset of the first frame with sound.
    private var soundStart = 0
    /// The offset of the next frame.
    private var position = 0
    private var misses = 0
    /// No frame was found at `position`.
    private var hasBrokenOff = false

    static func start(_ header: SoundHeader) -> (MP3Duration, HeaderStep)? {
        var duration = MP3Duration()
        if header.has("ID3", at: 0) {
            // ID3v2.4, section 3.1: the size has seven bits a byte, and excludes a header and a footer of ten bytes
            // each.
            let size = (6..<10).reduce(0) { $0 << 7 | Int(header[$1] & 0x7F) }
            let tag = size + (header[5] & 0x10 == 0 ? 10 : 20)
            duration.soundStart = tag
            duration.position = tag
            return (duration, tag >= 12 ? .read(4, after: tag - 12) : .stop)
        }
        guard let frame = MP3Frame(header.bigEndian(at: 0, 4)) else { return nil }
        duration.expected = .firstFrame(frame)
        return (duration, .readOn(to: frame.searchedBytes(atLeast: 12)))
    }

    mutating func read(_ header: SoundHeader, end: Int) -> HeaderStep {
        switch expected {
        case .frame: readFrame(header)
        case .firstFrame(let frame): readFirstFrame(frame, header)
        }
    }

    private mutating func readFrame(_ header: SoundHeader) -> HeaderStep {
        guard let frame = MP3Frame(header.bigEndian(at: 0, 4)) else {
            // Padding may follow the tag; tags may follow the sound.
            misses += 1
            guard samples == 0, misses < Self.searchLimit else {
                hasBrokenOff = true
                return .stop
            }
            position += 1
            soundStart += 1
            return .shift
        }
        guard samples == 0 else { return count(frame, header) }
        expected = .firstFrame(frame)
        return .readOn(to: frame.searchedBytes(atLeast: 4))
    }

    private mutating func readFirstFrame(_ frame: MP3Frame, _ header: SoundHeader) -> HeaderStep {
        expected = .frame
        sampleRate = Int64(frame.sampleRate)
        let describesFile = (4..<max(4, min(header.count - 4, 44))).contains { start in
            header.has("Xing", at: start) || header.has("Info", at: start) || header.has("VBRI", at: start)
        }
        guard describesFile else { return count(frame, header) }
        position += frame.size
        soundStart = position
        return skip(frame, header)
    }

    private mutating func count(_ frame: MP3Frame, _ header: SoundHeader) -> HeaderStep {
        samples += Int64(frame.samples)
        position += frame.size
        return skip(frame, header)
    }

    private func skip(_ frame: MP3Frame, _ header: SoundHeader) -> HeaderStep {
        .read(4, after: max(0, frame.size - header.count))
    }

    func milliseconds(fileSize size: Int) -> Int64? {
        guard samples > 0, sampleRate > 0 else { return nil }
        let counted = SoundDuration.milliseconds(samples, each: sampleRate)
        guard hasBrokenOff else { return counted }
        // The rest of the file counts as if it had more of the same frames.
        let bytes = Int64(max(1, position - soundStart))
        return counted.scaled(by: Int64(max(0, size - soundStart)), over: bytes, limit: SoundDuration.longest)
    }
}
