import Bytes

/// Measures the duration of a sound file by its headers as it passes: WAV, FLAC, MP3, Ogg (Vorbis, Opus, FLAC) and MP4.
///
/// Any other file, and one whose headers do not tell, is measured by its size. Keeps a few hundred bytes at a time, and
/// skips content from one header to the next.
struct SoundFileDuration {
    /// Bytes a second of compressed speech: 128 kbit/s, as most recorders write. Most files have less and are measured
    /// as shorter than they are; music has more.
    static let compressedRate: Int64 = 16_000

    private enum Format {
        case unknown
        case wav(WAVDuration)
        case flac(FLACDuration)
        case ogg(OggDuration)
        case mp4(MP4Duration)
        case mp3(MP3Duration)
    }

    private var format: Format?
    private var header = SoundHeader()
    /// Bytes to skip before `wanted` bytes are collected.
    private var skipped = 0
    private var wanted = 12
    private var hasStopped = false
    /// Bytes of the file so far.
    private var size = 0

    /// Reads the next piece of the file, of any size.
    mutating func scan(_ bytes: Span<UInt8>) {
        let start = size
        size += bytes.count
        var index = 0
        while !hasStopped, index < bytes.count {
            let passed = min(skipped, bytes.count - index)
            skipped -= passed
            index += passed
            let count = max(0, min(wanted - header.count, bytes.count - index))
            header.append(index..<index + count, of: bytes)
            index += count
            // A step may ask for no more bytes than there are.
            while !hasStopped, skipped == 0, header.count >= wanted { follow(nextStep(end: start + index)) }
        }
    }

    /// The duration of the complete file in milliseconds.
    var milliseconds: Int64 {
        let stated =
            switch format {
            case .wav(let format): format.milliseconds(fileSize: size)
            case .flac(let format): format.milliseconds(fileSize: size)
            case .ogg(let format): format.milliseconds(fileSize: size)
            case .mp4(let format): format.milliseconds(fileSize: size)
            case .mp3(let format): format.milliseconds(fileSize: size)
            case .unknown, nil: nil as Int64?
            }
        return stated ?? SoundDuration.milliseconds(Int64(size), each: Self.compressedRate)
    }

    /// Passes the collected header to the format. The first one decides about the format.
    private mutating func nextStep(end: Int) -> HeaderStep {
        let step: HeaderStep
        switch format {
        case nil: step = recognize()
        case .unknown: step = .stop
        case .wav(var wav):
            step = wav.read(header, end: end)
            format = .wav(wav)
        case .flac(var flac):
            step = flac.read(header, end: end)
            format = .flac(flac)
        case .ogg(var ogg):
            step = ogg.read(header, end: end)
            format = .ogg(ogg)
        case .mp4(var mp4):
            step = mp4.read(header, end: end)
            format = .mp4(mp4)
        case .mp3(var mp3):
            step = mp3.read(header, end: end)
            format = .mp3(mp3)
        }
        return step
    }

    private mutating func recognize() -> HeaderStep {
        let recognized: (Format, HeaderStep)? =
            WAVDuration.start(header).map { (.wav($0), $1) } ?? FLACDuration.start(header).map { (.flac($0), $1) }
            ?? OggDuration.start(header).map { (.ogg($0), $1) } ?? MP4Duration.start(header).map { (.mp4($0), $1) }
            ?? MP3Duration.start(header).map { (.mp3($0), $1) }
        format = recognized?.0 ?? .unknown
        return recognized?.1 ?? .stop
    }

    private mutating func follow(_ step: HeaderStep) {
        switch step {
        case .read(let count, let after):
            skipped = after
            wanted = count
            header.removeAll()
        case .readOn(let count): wanted = count
        case .shift: header.shift()
        case .stop: hasStopped = true
        }
    }
}
