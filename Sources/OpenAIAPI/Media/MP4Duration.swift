/// MP4: the box `mvhd` in the box `moov` has the duration and its units a second (ISO/IEC 14496-12, sections 4.2 and
/// 8.2.2).
struct MP4Duration: SoundFormat {
    private enum Expected {
        case box
        /// The 64-bit length of a box.
        case longBox(isMovie: Bool)
        case movieHeader
    }

    private var expected = Expected.box
    private var stated: Int64?

    static func start(_ header: SoundHeader) -> (MP4Duration, HeaderStep)? {
        guard header.has("ftyp", at: 4) else { return nil }
        return (MP4Duration(), .read(8, after: max(0, Int(header.bigEndian(at: 0, 4)) - 12)))
    }

    mutating func read(_ header: SoundHeader, end: Int) -> HeaderStep {
        switch expected {
        case .box: readBox(header)
        case .longBox(let isMovie): isMovie ? enterBox() : skipBox(of: header.bigEndian(at: 0, 8), read: 16)
        case .movieHeader: readMovieHeader(header)
        }
    }

    private mutating func readBox(_ header: SoundHeader) -> HeaderStep {
        if header.has("mvhd", at: 4) {
            expected = .movieHeader
            return .read(32, after: 0)
        }
        let isMovie = header.has("moov", at: 4)
        let length = header.bigEndian(at: 0, 4)
        if length == 1 {
            expected = .longBox(isMovie: isMovie)
            return .read(8, after: 0)
        }
        return isMovie ? enterBox() : skipBox(of: length, read: 8)
    }

    private mutating func enterBox() -> HeaderStep {
        expected = .box
        return .read(8, after: 0)
    }

    /// Skips a box of `length` bytes, `read` of which are its header. A shorter length is broken, or means the rest of
    /// the file.
    private mutating func skipBox(of length: UInt64, read: UInt64) -> HeaderStep {
        guard length >= read else { return .stop }
        expected = .box
        return .read(8, after: Int(clamping: length - read))
    }

    private mutating func readMovieHeader(_ header: SoundHeader) -> HeaderStep {
        let isLong = header[0] == 1
        let scale = Int64(header.bigEndian(at: isLong ? 20 : 12, 4))
        let duration = isLong ? header.bigEndian(at: 24, 8) : header.bigEndian(at: 16, 4)
        // All bits set mean that the duration is not known.
        if scale > 0, duration > 0, duration != (isLong ? .max : 0xFFFF_FFFF) {
            stated = SoundDuration.milliseconds(Int64(clamping: duration), each: scale)
        }
        return .stop
    }

    func milliseconds(fileSize size: Int) -> Int64? { stated }
}
