import Bytes
import Scanners

/// How long a sound is, by what its file says of itself: WAV, FLAC, MP3, Ogg (Vorbis, Opus, FLAC) and MP4, read as they pass and in
/// any pieces. Of every other file, and of one that says nothing, the size tells about.
///
/// It holds a few hundred bytes at a time: it passes over content, from one header to the next.
struct SoundFileDuration {
    /// Bytes a second of compressed speech: 128 kbit/s, what recorders mostly write. Most files have less, so that their
    /// duration is taken for shorter than it is; music has more.
    static let compressedRate = 16_000

    private enum Step: Equatable {
        /// The first twelve bytes tell the format.
        case magic
        case wavChunk
        case wavFormat
        case flacStreamInfo
        case mp3Frame
        case mp3FirstFrame(MP3Frame)
        case oggPage
        case oggSegments
        case oggFirstPacket
        case mp4Box
        case mp4LongBox(MP4Box)
        case mp4MovieHeader
        /// Nothing more is to be learned.
        case done
    }

    private enum MP4Box: Equatable {
        case movie
        case other
    }

    private var step = Step.magic
    /// Bytes to pass over before `wanted` are gathered.
    private var skipped = 0
    private var wanted = 12
    private var gathered: [UInt8] = []
    /// Bytes of the file so far.
    private var size = 0
    /// Bytes of the file up to behind the last one that was gathered.
    private var position = 0

    /// What the file says, in milliseconds, as far as it has said it.
    private var stated: Int64?
    /// Bytes of sound a second, where the format has a constant rate.
    private var byteRate: Int64?
    /// Where the sound begins.
    private var soundStart = 0

    // MP3
    private var mp3Samples: Int64 = 0
    private var mp3Rate: Int64 = 0
    private var mp3Position = 0
    private var mp3Misses = 0
    // Ogg
    private var oggRate: Int64 = 0
    private var oggPreSkip: Int64 = 0
    private var oggGranule: Int64 = 0

    init() {}

    /// Takes the next piece of the file.
    mutating func scan(_ bytes: Span<UInt8>) {
        size += bytes.count
        var index = 0
        while step != .done, index < bytes.count {
            let passed = min(skipped, bytes.count - index)
            skipped -= passed
            index += passed
            let count = min(wanted - gathered.count, bytes.count - index)
            for _ in 0..<max(0, count) {
                gathered.append(bytes[index])
                index += 1
            }
            position += passed + max(0, count)
            if skipped == 0, gathered.count == wanted { take() }
        }
    }

    /// The file is whole: how many milliseconds it has.
    var milliseconds: Int64 {
        if let stated, stated > 0 { return stated }
        if let byteRate, byteRate > 0 { return Self.milliseconds(Int64(max(0, size - soundStart)), each: byteRate) }
        if mp3Samples > 0, mp3Rate > 0 {
            // Where the frames broke off, the rest is taken to be like them.
            let seen = Self.milliseconds(mp3Samples, each: mp3Rate)
            let bytes = Int64(max(1, mp3Position - soundStart))
            return step == .done
                ? seen.scaled(by: Int64(max(0, size - soundStart)), over: bytes, limit: Self.longest) : seen
        }
        if oggRate > 0, oggGranule > oggPreSkip { return Self.milliseconds(oggGranule - oggPreSkip, each: oggRate) }
        return Self.milliseconds(Int64(size), each: Int64(Self.compressedRate))
    }

    /// The duration of a year, which no file exceeds.
    private static let longest: Int64 = 31_536_000_000

    /// `count` units of which there are `rate` a second, rounded up; it stops at a year.
    ///
    /// Both numbers are the file's own: any 64 bits.
    private static func milliseconds(_ count: Int64, each rate: Int64) -> Int64 {
        count.scaled(by: 1000, over: rate, limit: longest)
    }

    // MARK: Steps

    /// Passes over `count` bytes, then gathers `wanted`.
    private mutating func next(_ step: Step, after count: Int = 0, wanting wanted: Int) {
        self.step = step
        skipped = count
        gathered.removeAll(keepingCapacity: true)
        self.wanted = wanted
    }

    /// Gathers on, up to `wanted` bytes in all.
    private mutating func more(_ step: Step, upTo wanted: Int) {
        self.step = step
        self.wanted = wanted
    }

    private mutating func take() {
        switch step {
        case .magic: takeMagic()
        case .wavChunk: takeWAVChunk()
        case .wavFormat: takeWAVFormat()
        case .flacStreamInfo: takeFLACStreamInfo(at: 4)
        case .mp3Frame: takeMP3Frame()
        case .mp3FirstFrame(let frame): takeMP3FirstFrame(frame)
        case .oggPage: more(.oggSegments, upTo: 27 + Int(gathered[26]))
        case .oggSegments: takeOggSegments()
        case .oggFirstPacket: takeOggFirstPacket()
        case .mp4Box: takeMP4Box()
        case .mp4LongBox(let box): takeMP4LongBox(box)
        case .mp4MovieHeader: takeMP4MovieHeader()
        case .done: break
        }
        // A step that wants nothing more than it has is taken at once.
        if step != .done, skipped == 0, gathered.count == wanted { take() }
    }

    private mutating func takeMagic() {
        if says("RIFF", at: 0), says("WAVE", at: 8) {
            next(.wavChunk, wanting: 8)
        } else if says("fLaC", at: 0) {
            more(.flacStreamInfo, upTo: 42)
        } else if says("OggS", at: 0) {
            more(.oggPage, upTo: 27)
        } else if says("ftyp", at: 4) {
            next(.mp4Box, after: max(0, number(at: 0, 4) - 12), wanting: 8)
        } else if says("ID3", at: 0) {
            // A tag of ID3v2: its size has seven bits a byte, and leaves out ten bytes of head and perhaps as many of foot.
            let tag = (6..<10).reduce(0) { $0 << 7 | Int(gathered[$1] & 0x7F) } + (gathered[5] & 0x10 == 0 ? 10 : 20)
            soundStart = tag
            mp3Position = tag
            if tag >= 12 { next(.mp3Frame, after: tag - 12, wanting: 4) } else { step = .done }
        } else if let frame = MP3Frame(number(at: 0, 4)) {
            more(.mp3FirstFrame(frame), upTo: frame.size(atLeast: 12))
        } else {
            step = .done
        }
    }

    // MARK: WAV (RIFF)

    private mutating func takeWAVChunk() {
        let length = littleEndian(at: 4, 4)
        if says("fmt ", at: 0), length >= 16 {
            wavFormatRest = length - 16 + length % 2
            next(.wavFormat, wanting: 16)
        } else if says("data", at: 0) {
            // A recorder that did not know the length wrote none, or the largest.
            soundStart = position
            if let byteRate, length > 0, length < 0xFFFF_FFFF {
                stated = Self.milliseconds(Int64(length), each: byteRate)
            }
            step = .done
        } else {
            next(.wavChunk, after: length + length % 2, wanting: 8)
        }
    }

    private var wavFormatRest = 0

    private mutating func takeWAVFormat() {
        let rate = littleEndian(at: 8, 4)
        guard (1000...10_000_000).contains(rate) else { return step = .done }
        byteRate = Int64(rate)
        next(.wavChunk, after: wavFormatRest, wanting: 8)
    }

    // MARK: FLAC

    /// STREAMINFO (RFC 9639, section 8.2), whose block begins at `start`.
    private mutating func takeFLACStreamInfo(at start: Int) {
        let rate = Int64(number(at: start + 14, 3) >> 4)
        let samples = Int64(number(at: start + 17, 5) & 0xF_FFFF_FFFF)
        if rate > 0, samples > 0 { stated = Self.milliseconds(samples, each: rate) }
        step = .done
    }

    // MARK: MP3

    private mutating func takeMP3Frame() {
        guard let frame = MP3Frame(number(at: 0, 4)) else {
            // Between the tag and the sound there may be padding; behind the sound, tags.
            mp3Misses += 1
            guard mp3Samples == 0, mp3Misses < 4096 else { return step = .done }
            mp3Position += 1
            soundStart += 1
            let rest = gathered.dropFirst()
            next(.mp3Frame, wanting: 4)
            return gathered.append(contentsOf: rest)
        }
        if mp3Samples == 0 { return more(.mp3FirstFrame(frame), upTo: frame.size(atLeast: 4)) }
        count(frame)
    }

    /// A first frame that has no sound but says how the file was made is not counted.
    private mutating func takeMP3FirstFrame(_ frame: MP3Frame) {
        let isInformation = (4..<max(4, min(gathered.count - 4, 44))).contains { start in
            says("Xing", at: start) || says("Info", at: start) || says("VBRI", at: start)
        }
        mp3Rate = Int64(frame.sampleRate)
        if isInformation {
            mp3Position += frame.size
            soundStart = mp3Position
            return next(.mp3Frame, after: max(0, frame.size - gathered.count), wanting: 4)
        }
        count(frame)
    }

    private mutating func count(_ frame: MP3Frame) {
        mp3Samples += Int64(frame.samples)
        mp3Position += frame.size
        next(.mp3Frame, after: max(0, frame.size - gathered.count), wanting: 4)
    }

    // MARK: Ogg (RFC 3533)

    private mutating func takeOggSegments() {
        guard says("OggS", at: 0) else { return step = .done }
        let body = gathered.dropFirst(27).reduce(0) { $0 + Int($1) }
        let granule = Int64(truncatingIfNeeded: littleEndian(at: 6, 8))
        if granule > 0 { oggGranule = max(oggGranule, granule) }
        if oggRate == 0 {
            oggRest = max(0, body - 34)
            return next(.oggFirstPacket, wanting: min(body, 34))
        }
        next(.oggPage, after: body, wanting: 27)
    }

    private var oggRest = 0

    private mutating func takeOggFirstPacket() {
        if gathered.count >= 16, gathered[0] == 1, says("vorbis", at: 1) {
            oggRate = Int64(littleEndian(at: 12, 4))
        } else if gathered.count >= 12, says("OpusHead", at: 0) {
            // Opus counts 48,000 samples a second, whatever the sound had (RFC 7845, section 4).
            oggRate = 48_000
            oggPreSkip = Int64(littleEndian(at: 10, 2))
        } else if gathered.count >= 34, gathered[0] == 0x7F, says("FLAC", at: 1) {
            oggRate = Int64(number(at: 27, 3) >> 4)
        }
        guard oggRate > 0 else { return step = .done }
        next(.oggPage, after: oggRest, wanting: 27)
    }

    // MARK: MP4 (ISO/IEC 14496-12)

    private mutating func takeMP4Box() {
        let length = number(at: 0, 4)
        let box: MP4Box = says("moov", at: 4) ? .movie : .other
        if says("mvhd", at: 4) { return next(.mp4MovieHeader, wanting: 32) }
        switch (length, box) {
        case (1, _): next(.mp4LongBox(box), wanting: 8)
        // What is looked for stands in the movie box.
        case (_, .movie): next(.mp4Box, wanting: 8)
        case (8..., .other): next(.mp4Box, after: length - 8, wanting: 8)
        default: step = .done
        }
    }

    private mutating func takeMP4LongBox(_ box: MP4Box) {
        let length = number(at: 0, 8)
        switch box {
        case .movie: next(.mp4Box, wanting: 8)
        case .other: if length >= 16 { next(.mp4Box, after: length - 16, wanting: 8) } else { step = .done }
        }
    }

    private mutating func takeMP4MovieHeader() {
        let isLong = gathered[0] == 1
        let scale = Int64(number(at: isLong ? 20 : 12, 4))
        let duration = Int64(truncatingIfNeeded: isLong ? number(at: 24, 8) : number(at: 16, 4))
        if scale > 0, duration > 0, isLong || duration < 0xFFFF_FFFF {
            stated = Self.milliseconds(duration, each: scale)
        }
        step = .done
    }

    // MARK: Names and numbers

    /// Whether `name` stands at `index`.
    private func says(_ name: StaticString, at index: Int) -> Bool {
        let length = name.utf8CodeUnitCount
        guard index + length <= gathered.count else { return false }
        return (0..<length).allSatisfy { gathered[index + $0] == name.utf8Start[$0] }
    }

    /// The big-endian number of `count` bytes at `index`.
    private func number(at index: Int, _ count: Int) -> Int {
        (0..<count).reduce(0) { $0 << 8 | Int(gathered[index + $1]) } & .max
    }

    private func littleEndian(at index: Int, _ count: Int) -> Int {
        (0..<count).reduce(0) { $0 | Int(gathered[index + $1]) << (8 * $1) } & .max
    }
}

/// A frame of MPEG audio, layer III, by its header (ISO/IEC 11172-3 and 13818-3, section 2.4.2.3).
struct MP3Frame: Equatable {
    let sampleRate: Int
    /// Samples of each channel.
    let samples: Int
    /// Bytes, the header's four among them.
    let size: Int

    private static let bitRates1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0]
    private static let bitRates2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0]
    private static let sampleRates = [44_100, 48_000, 32_000]

    /// The frame whose header is `header`; nil where it is none.
    init?(_ header: Int) {
        guard header >> 21 == 0x7FF, header >> 17 & 3 == 1 else { return nil }
        let version = header >> 19 & 3
        let bitRate = (version == 3 ? Self.bitRates1 : Self.bitRates2)[header >> 12 & 15] * 1000
        let rateIndex = header >> 10 & 3
        guard version != 1, bitRate > 0, rateIndex < 3 else { return nil }
        sampleRate = Self.sampleRates[rateIndex] >> (version == 3 ? 0 : version == 2 ? 1 : 2)
        samples = version == 3 ? 1152 : 576
        size = samples / 8 * bitRate / sampleRate + (header >> 9 & 1)
    }

    /// How many bytes of a first frame are looked at, of which `count` are there.
    func size(atLeast count: Int) -> Int { max(count, min(size, 48)) }
}
