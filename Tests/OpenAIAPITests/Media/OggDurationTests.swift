import Testing

@testable import OpenAIAPI

@Suite struct OggDurationTests {
    private func file(_ head: [UInt8], _ granules: Int...) -> [UInt8] {
        SoundFiles.page(granule: 0, head)
            + granules.flatMap { SoundFiles.page(granule: $0, [UInt8](repeating: 3, count: 700)) }
    }

    @Test func opusCounts48000SamplesAndSkipsTheFirst() {
        #expect(SoundFiles.milliseconds(file(SoundFiles.opusHead, 0, 48_312, 96_312)) == 2000)
    }

    @Test(arguments: [8000, 22_050, 48_000, 192_000]) func vorbisTellsItsRate(rate: Int) {
        #expect(SoundFiles.milliseconds(file(SoundFiles.vorbisHead(rate: rate), rate, rate * 3 / 2)) == 1500)
    }

    @Test func flacTellsItsRate() {
        #expect(SoundFiles.milliseconds(file(SoundFiles.flacHead(rate: 44_100), 44_100)) == 1000)
    }

    @Test func theLargestGranuleCounts() {
        #expect(SoundFiles.milliseconds(file(SoundFiles.vorbisHead(rate: 1000), 5000, 2000)) == 5000)
    }

    @Test func aPageOnWhichNoPacketEndsHasNoGranule() {
        #expect(SoundFiles.milliseconds(file(SoundFiles.vorbisHead(rate: 1000), 2000, -1)) == 2000)
    }

    @Test func otherContentIsMeasuredBySize() {
        let file = file(Array("Speex   ".utf8) + SoundFiles.zeros(72), 48_000)
        #expect(SoundFiles.milliseconds(file) == SoundDuration.milliseconds(Int64(file.count), each: 16_000))
    }

    @Test func aRateOfZeroIsMeasuredBySize() {
        let file = file(SoundFiles.vorbisHead(rate: 0), 48_000)
        #expect(SoundFiles.milliseconds(file) == SoundDuration.milliseconds(Int64(file.count), each: 16_000))
    }

    @Test func soundShorterThanItsSkippedStartIsMeasuredBySize() {
        let file = file(SoundFiles.opusHead, 300)
        #expect(SoundFiles.milliseconds(file) == SoundDuration.milliseconds(Int64(file.count), each: 16_000))
    }

    @Test func anEmptyFirstPageIsMeasuredBySize() {
        let file = SoundFiles.page(granule: 0, []) + SoundFiles.page(granule: 48_000, [1])
        #expect(SoundFiles.milliseconds(file) == SoundDuration.milliseconds(Int64(file.count), each: 16_000))
    }

    @Test func aBrokenPageEndsTheReading() {
        let file = file(SoundFiles.vorbisHead(rate: 1000), 2000) + Array("NotS".utf8) + SoundFiles.zeros(100)
        #expect(SoundFiles.milliseconds(file) == 2000)
    }

    @Test func aHeaderOfAllSegmentsIsRead() {
        let large = SoundFiles.page(granule: 7000, [UInt8](repeating: 1, count: 254 * 255 + 10))
        let file = SoundFiles.page(granule: 0, SoundFiles.vorbisHead(rate: 1000)) + large
        #expect(SoundFiles.milliseconds(file, inPiecesOf: 100) == 7000)
    }

    @Test(arguments: [1, 999, 1000, 48_000, 0xFFFF_FFFF]) func anyNumbersGiveADuration(rate: Int) {
        for count in [1, 2, 1000, 1 << 32, 1 << 53, .max / 1000, .max - 1, .max] {
            // Rounded up, in numbers that are wide enough.
            let exact = (Int128(count) * 1000 + Int128(rate) - 1) / Int128(rate)
            let expected = Int64(min(exact, Int128(SoundDuration.longest)))
            #expect(SoundFiles.milliseconds(file(SoundFiles.vorbisHead(rate: rate), count)) == expected)
        }
    }
}
