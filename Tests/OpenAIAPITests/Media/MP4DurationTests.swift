import Testing

@testable import OpenAIAPI

@Suite struct MP4DurationTests {
    private func movie(_ header: [UInt8]) -> [UInt8] {
        SoundFiles.mp4Start + SoundFiles.box("moov", SoundFiles.box("mvhd", header))
    }

    private func bySize(_ file: [UInt8]) -> Int64 {
        SoundDuration.milliseconds(Int64(file.count), each: SoundFileDuration.compressedRate)
    }

    @Test(arguments: [false, true]) func theMovieBoxMayComeFirstOrLast(isLast: Bool) {
        #expect(SoundFiles.milliseconds(SoundFiles.mp4(movieLast: isLast)) == 75_300)
    }

    @Test func numbersMayHave64Bits() {
        #expect(SoundFiles.milliseconds(SoundFiles.mp4(movieLast: true, long: true)) == 75_300)
    }

    @Test func theMovieBoxMayHaveALongLength() {
        let content = SoundFiles.box("mvhd", SoundFiles.movieHeader(scale: 1000, duration: 5000, long: false))
        let movie = SoundFiles.big(1, 4) + Array("moov".utf8) + SoundFiles.big(16 + content.count, 8) + content
        #expect(SoundFiles.milliseconds(SoundFiles.mp4Start + movie) == 5000)
    }

    @Test(arguments: [(0, 5000), (1000, 0), (1000, 0xFFFF_FFFF)]) func unknownNumbersLeaveTheSize(
        scale: Int, duration: Int
    ) {
        let file = movie(SoundFiles.movieHeader(scale: scale, duration: duration, long: false))
        #expect(SoundFiles.milliseconds(file) == bySize(file))
    }

    @Test func anUnknownDurationOf64BitsLeavesTheSize() {
        let file = movie(SoundFiles.movieHeader(scale: 1000, duration: -1, long: true))
        #expect(SoundFiles.milliseconds(file) == bySize(file))
    }

    @Test(arguments: [0, 2, 7]) func aBoxThatIsTooShortEndsTheReading(length: Int) {
        let broken = SoundFiles.big(length, 4) + Array("free".utf8)
        let file = SoundFiles.mp4Start + broken + SoundFiles.mp4(movieLast: false)
        #expect(SoundFiles.milliseconds(file) == bySize(file))
    }

    @Test(arguments: [0, 15]) func aLongBoxThatIsTooShortEndsTheReading(length: Int) {
        let broken = SoundFiles.big(1, 4) + Array("mdat".utf8) + SoundFiles.big(length, 8)
        let file = SoundFiles.mp4Start + broken + SoundFiles.mp4(movieLast: false)
        #expect(SoundFiles.milliseconds(file) == bySize(file))
    }

    @Test func theLongestBoxReachesToTheEnd() {
        let box = SoundFiles.big(1, 4) + Array("mdat".utf8) + SoundFiles.big(-1, 8) + SoundFiles.zeros(500)
        let file = SoundFiles.mp4Start + box
        #expect(SoundFiles.milliseconds(file, inPiecesOf: 50) == bySize(file))
    }

    @Test(arguments: [1, 2, 999, 1000, 48_000, 0xFFFF_FFFF]) func anyNumbersGiveADuration(scale: Int) {
        for count in [1, 2, 1000, 1 << 32, 1 << 53, .max / 1000, .max - 1, .max] {
            // Rounded up, in numbers that are wide enough.
            let exact = (Int128(count) * 1000 + Int128(scale) - 1) / Int128(scale)
            let expected = Int64(min(exact, Int128(SoundDuration.longest)))
            let file = movie(SoundFiles.movieHeader(scale: scale, duration: count, long: true))
            #expect(SoundFiles.milliseconds(file) == expected)
        }
    }

    @Test func otherFilesAreNotMP4() {
        #expect(MP4Duration.start(header("....fxyp...."))?.1 == nil)
        #expect(MP4Duration.start(header([0, 0, 0, 20] + Array("ftypM4A ".utf8)))?.1 == .read(8, after: 8))
        #expect(MP4Duration.start(header([0, 0, 0, 1] + Array("ftypM4A ".utf8)))?.1 == .read(8, after: 0))
    }
}
