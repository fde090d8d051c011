/// The header of a frame of MPEG audio, layer III (ISO/IEC 11172-3 and 13818-3, section 2.4.2.3).
struct MP3Frame: Equatable {
    let sampleRate: Int
    /// Samples of each channel.
    let samples: Int
    /// The length in bytes, including the four of the header.
    let size: Int

    private static let bitRates1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0]
    private static let bitRates2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0]
    private static let sampleRates = [44_100, 48_000, 32_000]

    /// Reads the 32 bits of `header`; nil if they are not a frame's header.
    init?(_ header: UInt64) {
        let header = Int(header & 0xFFFF_FFFF)
        guard header >> 21 == 0x7FF, header >> 17 & 3 == 1 else { return nil }
        let version = header >> 19 & 3
        let bitRate = (version == 3 ? Self.bitRates1 : Self.bitRates2)[header >> 12 & 15] * 1000
        let rateIndex = header >> 10 & 3
        guard version != 1, bitRate > 0, rateIndex < 3 else { return nil }
        sampleRate = Self.sampleRates[rateIndex] >> (version == 3 ? 0 : version == 2 ? 1 : 2)
        samples = version == 3 ? 1152 : 576
        size = samples / 8 * bitRate / sampleRate + (header >> 9 & 1)
    }

    /// The number of bytes of a file's first frame that are searched for a name, at least `count`.
    func searchedBytes(atLeast count: Int) -> Int { max(count, min(size, 48)) }
}
