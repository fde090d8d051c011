import SeededRandom

@testable import OpenAIAPI

/// Builds small sound files, and measures them.
enum SoundFiles {
    static func little(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(value >> (8 * $0) & 0xFF) } }
    static func big(_ value: Int, _ count: Int) -> [UInt8] { little(value, count).reversed() }
    static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

    static func milliseconds(_ pieces: [[UInt8]]) -> Int64 {
        var duration = SoundFileDuration()
        for piece in pieces { duration.scan(piece.span) }
        return duration.milliseconds
    }

    static func milliseconds(_ file: [UInt8]) -> Int64 { milliseconds([file]) }

    /// Measures `file` in pieces of `length` bytes.
    static func milliseconds(_ file: [UInt8], inPiecesOf length: Int) -> Int64 {
        milliseconds(
            stride(from: 0, to: file.count, by: length).map { Array(file[$0..<min(file.count, $0 + length)]) })
    }

    // MARK: WAV

    static func chunk(_ name: String, _ length: Int, _ content: [UInt8]) -> [UInt8] {
        Array(name.utf8) + little(length, 4) + content
    }

    static let wavStart = Array("RIFF".utf8) + little(0, 4) + Array("WAVE".utf8)

    /// A file of `rate` bytes a second with `data` bytes of sound, of which the header states `stated`.
    static func wav(rate: Int, data: Int, stated: Int? = nil, before first: [UInt8] = []) -> [UInt8] {
        let format = [1, 0, 1, 0] + little(rate / 2, 4) + little(rate, 4) + [2, 0, 16, 0, 0, 0]
        return wavStart + first + chunk("fmt ", 18, format)
            + chunk("data", stated ?? data, [UInt8](repeating: 1, count: data))
    }

    // MARK: FLAC

    static func flac(samples: Int, rate: Int = 44_100) -> [UInt8] {
        Array("fLaC".utf8) + [0x80, 0, 0, 34] + zeros(10) + big(rate << 4 | 1, 3) + big(0xF << 36 | samples, 5)
            + zeros(16)
    }

    // MARK: MP3

    /// A frame of 128 kbit/s and 44,100 samples a second: 417 bytes, or 418 with padding.
    static func frame(padded: Bool = false, _ content: [UInt8] = []) -> [UInt8] {
        [0xFF, 0xFB, padded ? 0x92 : 0x90, 0xC0] + content + zeros(413 + (padded ? 1 : 0) - content.count)
    }

    static func frames(_ count: Int) -> [UInt8] { (0..<count).flatMap { _ in frame() } }

    /// A tag of ID3v2 with `size` bytes of content.
    static func tag(_ size: Int, flags: UInt8 = 0, content: UInt8 = 5) -> [UInt8] {
        Array("ID3".utf8) + [4, 0, flags] + [21, 14, 7, 0].map { UInt8(size >> $0 & 0x7F) }
            + [UInt8](repeating: content, count: size)
    }

    // MARK: Ogg

    static func page(granule: Int, _ body: [UInt8]) -> [UInt8] {
        var table: [UInt8] = []
        var rest = body.count
        while rest >= 255 {
            table.append(255)
            rest -= 255
        }
        table.append(UInt8(rest))
        return Array("OggS".utf8) + [0, 0] + little(granule, 8) + little(7, 4) + zeros(8) + [UInt8(table.count)] + table
            + body
    }

    static let opusHead = Array("OpusHead".utf8) + [1, 1] + little(312, 2) + little(16_000, 4) + [0, 0, 0]

    static func vorbisHead(rate: Int) -> [UInt8] {
        [1] + Array("vorbis".utf8) + zeros(4) + [1] + little(rate, 4) + zeros(14)
    }

    static func flacHead(rate: Int) -> [UInt8] {
        [0x7F] + Array("FLAC".utf8) + zeros(22) + big(rate << 4, 3) + zeros(10)
    }

    // MARK: MP4

    static func box(_ name: String, _ content: [UInt8]) -> [UInt8] {
        big(content.count + 8, 4) + Array(name.utf8) + content
    }

    static let mp4Start = box("ftyp", Array("M4A \0\0\0\0M4A ".utf8))

    static func movieHeader(scale: Int, duration: Int, long: Bool) -> [UInt8] {
        long
            ? [1, 0, 0, 0] + zeros(16) + big(scale, 4) + big(duration, 8) + zeros(80)
            : zeros(12) + big(scale, 4) + big(duration, 4) + zeros(80)
    }

    static func mp4(movieLast: Bool, long: Bool = false) -> [UInt8] {
        let header = movieHeader(scale: 1000, duration: 75_300, long: long)
        let movie = box("moov", box("mvhd", header) + box("trak", [1, 2, 3]))
        let media = [0, 0, 0, 1] + Array("mdat".utf8) + big(16 + 5000, 8) + [UInt8](repeating: 9, count: 5000)
        return mp4Start + (movieLast ? media + movie : movie + media)
    }
}

/// Bytes that mean something in a header of any format, and some that do not.
let tellingBytes: [UInt8] =
    [0, 1, 4, 8, 26, 27, 34, 0x7F, 0x80, 0x90, 0xFB, 0xFF] + Array("OggSfmt datmoovhID3RIFX".utf8)

/// A header of the bytes of `text`.
func header(_ text: String) -> SoundHeader { header(Array(text.utf8)) }

func header(_ bytes: [UInt8]) -> SoundHeader {
    var header = SoundHeader()
    header.append(0..<bytes.count, of: bytes.span)
    return header
}
