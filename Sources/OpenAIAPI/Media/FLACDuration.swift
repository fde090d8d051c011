/// FLAC: the block STREAMINFO has the samples and their rate (RFC 9639, section 8.2).
struct FLACDuration: SoundFormat {
    private var stated: Int64?

    static func start(_ header: SoundHeader) -> (FLACDuration, HeaderStep)? {
        header.has("fLaC", at: 0) ? (FLACDuration(), .readOn(to: 42)) : nil
    }

    mutating func read(_ header: SoundHeader, end: Int) -> HeaderStep {
        let rate = Int64(header.bigEndian(at: 18, 3) >> 4)
        let samples = Int64(header.bigEndian(at: 21, 5) & 0xF_FFFF_FFFF)
        if rate > 0, samples > 0 { stated = SoundDuration.milliseconds(samples, each: rate) }
        return .stop
    }

    func milliseconds(fileSize size: Int) -> Int64? { stated }
}
