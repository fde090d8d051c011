/// Ogg with Vorbis, Opus or FLAC: the first packet has the samples a second, every page the samples so far (RFC 3533).
struct OggDuration: SoundFormat {
    /// The fixed part of a page's header, to the number of segments.
    private static let pageHeader = 27

    private enum Expected {
        case page
        case segments
        /// The first 34 bytes of the first packet; `rest` more are on its page.
        case firstPacket(rest: Int)
    }

    private var expected = Expected.page
    private var rate: Int64 = 0
    private var preSkip: Int64 = 0
    private var granule: Int64 = 0

    static func start(_ header: SoundHeader) -> (OggDuration, HeaderStep)? {
        header.has("OggS", at: 0) ? (OggDuration(), .readOn(to: pageHeader)) : nil
    }

    mutating func read(_ header: SoundHeader, end: Int) -> HeaderStep {
        switch expected {
        case .page:
            expected = .segments
            return .readOn(to: Self.pageHeader + Int(header[26]))
        case .segments: return readPage(header)
        case .firstPacket(let rest): return readFirstPacket(header, rest: rest)
        }
    }

    private mutating func readPage(_ header: SoundHeader) -> HeaderStep {
        guard header.has("OggS", at: 0) else { return .stop }
        let body = header.bytes.dropFirst(Self.pageHeader).reduce(0) { $0 + Int($1) }
        // A page on which no packet ends has -1.
        granule = max(granule, Int64(bitPattern: header.littleEndian(at: 6, 8)))
        if rate == 0 {
            expected = .firstPacket(rest: max(0, body - 34))
            return .read(min(body, 34), after: 0)
        }
        expected = .page
        return .read(Self.pageHeader, after: body)
    }

    private mutating func readFirstPacket(_ header: SoundHeader, rest: Int) -> HeaderStep {
        if header.count >= 16, header[0] == 1, header.has("vorbis", at: 1) {
            rate = Int64(header.littleEndian(at: 12, 4))
        } else if header.count >= 12, header.has("OpusHead", at: 0) {
            // Opus counts 48,000 samples a second for every sound (RFC 7845, section 4).
            rate = 48_000
            preSkip = Int64(header.littleEndian(at: 10, 2))
        } else if header.count >= 34, header[0] == 0x7F, header.has("FLAC", at: 1) {
            rate = Int64(header.bigEndian(at: 27, 3) >> 4)
        }
        guard rate > 0 else { return .stop }
        expected = .page
        return .read(Self.pageHeader, after: rest)
    }

    func milliseconds(fileSize size: Int) -> Int64? {
        guard rate > 0, granule > preSkip else { return nil }
        return SoundDuration.milliseconds(granule - preSkip, each: rate)
    }
}
