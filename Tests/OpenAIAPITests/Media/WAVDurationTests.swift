import Testing

@testable import OpenAIAPI

@Suite struct WAVDurationTests {
    private let list = SoundFiles.chunk("LIST", 5, [1, 2, 3, 4, 5, 0])

    @Test func theStatedLengthCounts() {
        #expect(SoundFiles.milliseconds(SoundFiles.wav(rate: 32_000, data: 64_000)) == 2000)
        #expect(SoundFiles.milliseconds(SoundFiles.wav(rate: 32_000, data: 100, stated: 64_000)) == 2000)
    }

    @Test func otherChunksAreSkippedWithTheirPadding() {
        #expect(SoundFiles.milliseconds(SoundFiles.wav(rate: 32_000, data: 64_001, before: list)) == 2001)
        #expect(SoundFiles.milliseconds(SoundFiles.wav(rate: 32_000, data: 64_000, before: list + list)) == 2000)
    }

    @Test(arguments: [0, 0xFFFF_FFFF]) func withoutALengthTheRestOfTheFileCounts(stated: Int) {
        #expect(SoundFiles.milliseconds(SoundFiles.wav(rate: 32_000, data: 48_000, stated: stated)) == 1500)
    }

    @Test(arguments: [0, 1, 999, 10_000_001, 0xFFFF_FFFF]) func absurdRatesAreNotBelieved(rate: Int) {
        let file = SoundFiles.wav(rate: rate, data: 16_000)
        #expect(SoundFiles.milliseconds(file) == SoundDuration.milliseconds(Int64(file.count), each: 16_000))
    }

    @Test(arguments: [1000, 10_000_000]) func unusualRatesAre(rate: Int) {
        #expect(SoundFiles.milliseconds(SoundFiles.wav(rate: rate, data: 10, stated: rate * 3)) == 3000)
    }

    @Test func soundBeforeItsFormatIsMeasuredBySize() {
        let file = SoundFiles.wavStart + SoundFiles.chunk("data", 32_000, SoundFiles.zeros(32_000 - 20))
        #expect(SoundFiles.milliseconds(file) == 2000)
    }

    @Test func aFormatThatIsTooShortIsSkipped() {
        let file = SoundFiles.wav(rate: 32_000, data: 32_000, before: SoundFiles.chunk("fmt ", 4, [0, 0, 0, 0]))
        #expect(SoundFiles.milliseconds(file) == 1000)
    }

    @Test func aFileThatEndsInItsHeaderIsMeasuredByItsRate() {
        let file = SoundFiles.wav(rate: 1000, data: 0).prefix(44)
        #expect(SoundFiles.milliseconds(Array(file)) == 44)
    }

    @Test func otherRIFFFilesAreNotWAV() {
        #expect(WAVDuration.start(header("RIFF....AVI "))?.1 == nil)
        #expect(WAVDuration.start(header("RIFX....WAVE"))?.1 == nil)
        #expect(WAVDuration.start(header("RIFF....WAVE"))?.1 == .read(8, after: 0))
    }
}
