import SeededRandom
import Testing

@testable import OpenAIAPI

@Suite struct SoundFileDurationTests {
    static let examples: [(name: String, file: [UInt8], milliseconds: Int64)] = [
        ("wav", SoundFiles.wav(rate: 32_000, data: 64_000), 2000),
        ("flac", SoundFiles.flac(samples: 441_001), 10_001),
        ("mp3", SoundFiles.frames(100), 2613),
        (
            "opus",
            SoundFiles.page(granule: 0, SoundFiles.opusHead) + SoundFiles.page(granule: 96_312, [4]), 2000
        ),
        ("mp4", SoundFiles.mp4(movieLast: false), 75_300),
        ("an unknown format", [UInt8](repeating: 1, count: 16_001), 1001),
        ("less than a header", [UInt8](repeating: 1, count: 11), 1),
        ("nothing", [], 0),
    ]

    @Test(arguments: examples.indices) func everyFormatIsRecognized(index: Int) {
        let example = Self.examples[index]
        #expect(SoundFiles.milliseconds(example.file) == example.milliseconds, "\(example.name)")
    }

    @Test(arguments: examples.indices) func piecesOfAnyLengthGiveTheSame(index: Int) {
        let example = Self.examples[index]
        for length in [1, 2, 3, 7, 26, 27, 28, 1000] {
            let milliseconds = SoundFiles.milliseconds(example.file, inPiecesOf: length)
            #expect(milliseconds == example.milliseconds, "\(example.name) in \(length)")
        }
    }

    @Test(arguments: 0..<40) func damagedFilesHaveADuration(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        for example in Self.examples where !example.file.isEmpty {
            var file = example.file
            for _ in 0..<random.number(1...12) {
                file[random.number(0...min(file.count, 120) - 1)] = UInt8.random(in: 0...255, using: &random)
            }
            file.removeLast(random.number(0...file.count - 1))
            let milliseconds = SoundFiles.milliseconds(file, inPiecesOf: random.number(1...64))
            #expect((0...SoundDuration.longest).contains(milliseconds))
        }
    }

    /// Beginnings of each format, which random bytes would seldom hit.
    private static let starts: [[UInt8]] = [
        SoundFiles.wavStart, SoundFiles.wavStart + Array("fmt ".utf8), Array("fLaC".utf8), Array("ID3".utf8),
        [0xFF, 0xFB, 0x90, 0xC0], Array("OggS".utf8), SoundFiles.page(granule: 5, SoundFiles.opusHead),
        SoundFiles.mp4Start, SoundFiles.mp4Start + SoundFiles.big(999, 4) + Array("moov".utf8),
        SoundFiles.mp4Start + SoundFiles.big(999, 4) + Array("mvhd".utf8), [],
    ]

    @Test(arguments: starts.indices) func randomBytesGiveTheSameAtEverySplit(format: Int) {
        var random = SeededGenerator(seed: 60 + UInt64(format))
        for _ in 0..<30 {
            let file = Self.starts[format] + (0..<random.number(0...90)).map { _ in random.pick(tellingBytes) }
            let whole = SoundFiles.milliseconds(file)
            #expect((0...SoundDuration.longest).contains(whole))
            for pieces in everySplit(file) {
                let split = SoundFiles.milliseconds(pieces)
                #expect(split == whole, "\(file)")
            }
        }
    }

    @Test func emptyPiecesChangeNothing() {
        let file = SoundFiles.wav(rate: 32_000, data: 64_000)
        #expect(SoundFiles.milliseconds([[], Array(file[..<20]), [], [], Array(file[20...]), []]) == 2000)
    }
}
