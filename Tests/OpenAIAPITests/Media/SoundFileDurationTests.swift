import SeededRandom
import Testing

@testable import OpenAIAPI

@Suite struct SoundFileDurationTests {
    private static func little(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(value >> (8 * $0) & 0xFF) }
    }
    private static func big(_ value: Int, _ count: Int) -> [UInt8] { little(value, count).reversed() }

    private static func milliseconds(_ file: [UInt8], pieces: Int? = nil) -> Int64 {
        var duration = SoundFileDuration()
        var start = 0
        while start < file.count {
            let end = min(file.count, start + (pieces ?? file.count))
            duration.scan(file.span.extracting(start..<end))
            start = end
        }
        return duration.milliseconds
    }

    private static func wav(rate: Int, data: Int, stated: Int? = nil, before chunk: [UInt8] = []) -> [UInt8] {
        Array("RIFF".utf8) + little(0, 4) + Array("WAVE".utf8) + chunk + Array("fmt ".utf8) + little(18, 4)
            + [1, 0, 1, 0] + little(rate / 2, 4) + little(rate, 4) + [2, 0, 16, 0, 0, 0] + Array("data".utf8)
            + little(stated ?? data, 4) + [UInt8](repeating: 1, count: data)
    }

    private static let list = Array("LIST".utf8) + little(5, 4) + [1, 2, 3, 4, 5, 0]

    private static func flac(samples: Int, rate: Int = 44_100) -> [UInt8] {
        Array("fLaC".utf8) + [0x80, 0, 0, 34] + [UInt8](repeating: 0, count: 10) + big(rate << 4 | 1, 3)
            + big(0xF << 36 | samples, 5) + [UInt8](repeating: 0, count: 16)
    }

    /// A frame of 128 kbit/s and 44,100 samples a second: 417 bytes, or 418 with padding.
    private static func frame(padded: Bool = false, _ content: [UInt8] = []) -> [UInt8] {
        [0xFF, 0xFB, padded ? 0x92 : 0x90, 0xC0] + content
            + [UInt8](repeating: 0, count: 413 + (padded ? 1 : 0) - content.count)
    }

    private static func ogg(granule: Int, _ body: [UInt8]) -> [UInt8] {
        var table: [UInt8] = []
        var rest = body.count
        while rest >= 255 {
            table.append(255)
            rest -= 255
        }
        table.append(UInt8(rest))
        return Array("OggS".utf8) + [0, 0] + little(granule, 8) + little(7, 4) + little(0, 4) + little(0, 4)
            + [UInt8(table.count)] + table + body
    }

    private static let opusHead = Array("OpusHead".utf8) + [1, 1] + little(312, 2) + little(16_000, 4) + [0, 0, 0]
    private static let vorbisHead =
        [1] + Array("vorbis".utf8) + little(0, 4) + [1] + little(22_050, 4)
        + [UInt8](repeating: 0, count: 14)

    private static func box(_ name: String, _ content: [UInt8]) -> [UInt8] {
        big(content.count + 8, 4) + Array(name.utf8) + content
    }

    private static func mp4(movieLast: Bool, long: Bool = false) -> [UInt8] {
        let header =
            long
            ? [1, 0, 0, 0] + big(0, 16) + big(1000, 4) + big(75_300, 8) + big(0, 80)
            : [0, 0, 0, 0] + big(0, 8) + big(1000, 4) + big(75_300, 4) + big(0, 80)
        let movie = box("moov", box("mvhd", header) + box("trak", [1, 2, 3]))
        let media = [0, 0, 0, 1] + Array("mdat".utf8) + big(16 + 5000, 8) + [UInt8](repeating: 9, count: 5000)
        return box("ftyp", Array("M4A \0\0\0\0M4A ".utf8)) + (movieLast ? media + movie : movie + media)
    }

    static let examples: [(name: String, file: [UInt8], milliseconds: Int64)] = [
        ("wav", wav(rate: 32_000, data: 64_000), 2000),
        ("wav with another chunk before", wav(rate: 32_000, data: 64_001, before: list), 2001),
        ("wav of a recorder that streams", wav(rate: 32_000, data: 48_000, stated: 0xFFFF_FFFF), 1500),
        ("wav that lies about its rate", wav(rate: 1, data: 16_000), 1003),
        ("flac", flac(samples: 441_001), 10_001),
        ("flac of unknown length", flac(samples: 0) + [UInt8](repeating: 0, count: 15_958), 1000),
        ("mp3", (0..<100).flatMap { _ in frame() }, 2613),
        ("mp3 with padding", (0..<100).flatMap { frame(padded: $0 % 2 == 0) }, 2613),
        (
            "mp3 with a tag before",
            Array("ID3".utf8) + [4, 0, 0, 0, 0, 2, 10] + [UInt8](repeating: 5, count: 266)
                + (0..<100).flatMap { _ in frame() }, 2613
        ),
        (
            "mp3 with padding behind the tag",
            Array("ID3".utf8) + [4, 0, 0, 0, 0, 0, 10] + [UInt8](repeating: 0, count: 50)
                + (0..<100).flatMap { _ in frame() }, 2613
        ),
        (
            "mp3 with a frame that tells of itself",
            frame([UInt8](repeating: 0, count: 17) + Array("Xing".utf8)) + (0..<100).flatMap { _ in frame() }, 2613
        ),
        (
            "mp3 with a tag behind",
            (0..<100).flatMap { _ in frame() } + Array("TAG".utf8) + [UInt8](repeating: 0, count: 125), 2622
        ),
        (
            "opus",
            ogg(granule: 0, opusHead) + ogg(granule: 0, [1, 2, 3])
                + ogg(granule: 48_312, [UInt8](repeating: 3, count: 700)) + ogg(granule: 96_312, [4]), 2000
        ),
        ("vorbis", ogg(granule: 0, vorbisHead) + ogg(granule: 33_075, [UInt8](repeating: 3, count: 600)), 1500),
        ("mp4", mp4(movieLast: false), 75_300),
        ("mp4 with the movie box behind", mp4(movieLast: true), 75_300),
        ("mp4 with long numbers", mp4(movieLast: true, long: true), 75_300),
        ("nothing that is known", [UInt8](repeating: 1, count: 16_001), 1001),
        ("nothing", [], 0),
    ]

    @Test(arguments: examples.indices)
    func filesSayHowLongTheyAre(index: Int) {
        let example = Self.examples[index]
        #expect(Self.milliseconds(example.file) == example.milliseconds, "\(example.name)")
        for pieces in [1, 2, 3, 7, 26, 27, 28, 1000] {
            #expect(
                Self.milliseconds(example.file, pieces: pieces) == example.milliseconds, "\(example.name) in \(pieces)")
        }
    }

    /// A movie header with 64-bit times, of any numbers.
    private static func movie(scale: UInt32, duration: Int) -> [UInt8] {
        box("ftyp", Array("M4A \0\0\0\0M4A ".utf8))
            + box("moov", box("mvhd", [1, 0, 0, 0] + big(0, 16) + big(Int(scale), 4) + big(duration, 8)))
    }

    private static func vorbis(rate: UInt32, granule: Int) -> [UInt8] {
        let head = [1] + Array("vorbis".utf8) + little(0, 4) + [1] + little(Int(rate), 4)
        return ogg(granule: 0, head + [UInt8](repeating: 0, count: 14)) + ogg(granule: granule, [3])
    }

    @Test(arguments: [1, 2, 999, 1000, 48_000, 1 << 31, UInt32.max])
    func anyNumbersInAHeaderGiveADuration(rate: UInt32) {
        let year: Int64 = 31_536_000_000
        for count in [1, 2, 1000, 1 << 32, 1 << 53, .max / 1000, .max - 1, .max] {
            // Rounded up, in numbers that are wide enough.
            let exact = (Int128(count) * 1000 + Int128(rate) - 1) / Int128(rate)
            let expected = Int64(min(exact, Int128(year)))
            #expect(Self.milliseconds(Self.movie(scale: rate, duration: count)) == expected)
            #expect(Self.milliseconds(Self.vorbis(rate: rate, granule: count)) == expected)
        }
    }

    @Test(arguments: 0..<40)
    func damagedFilesDoNoHarm(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        for example in Self.examples where !example.file.isEmpty {
            var file = example.file
            for _ in 0..<Int.random(in: 1...12, using: &generator) {
                file[Int.random(in: 0..<min(file.count, 120), using: &generator)] = UInt8.random(
                    in: 0...255, using: &generator)
            }
            file.removeLast(Int.random(in: 0..<file.count, using: &generator))
            let milliseconds = Self.milliseconds(file, pieces: Int.random(in: 1...64, using: &generator))
            #expect((0...31_536_000_000).contains(milliseconds))
        }
    }
}
