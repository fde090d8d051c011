import Testing

@testable import OpenAIAPI

@Suite struct FLACDurationTests {
    @Test(
        arguments: [
            (441_000, 44_100, 10_000), (441_001, 44_100, 10_001), (1, 1, 1000), (48_000, 0xF_FFFF, 46),
            (0xF_FFFF_FFFF, 1, 31_536_000_000),
        ] as [(Int, Int, Int64)])
    func samplesByTheirRate(samples: Int, rate: Int, milliseconds: Int64) {
        #expect(SoundFiles.milliseconds(SoundFiles.flac(samples: samples, rate: rate)) == milliseconds)
    }

    @Test(arguments: [(0, 44_100), (441_000, 0), (0, 0)]) func unknownNumbersLeaveTheSize(samples: Int, rate: Int) {
        let file = SoundFiles.flac(samples: samples, rate: rate) + SoundFiles.zeros(15_958)
        #expect(SoundFiles.milliseconds(file) == 1000)
    }

    @Test func aFileThatEndsInItsHeaderIsMeasuredBySize() {
        #expect(SoundFiles.milliseconds(Array(SoundFiles.flac(samples: 441_000).prefix(41))) == 3)
    }

    @Test func otherFilesAreNotFLAC() {
        #expect(FLACDuration.start(header("flac........"))?.1 == nil)
        #expect(FLACDuration.start(header("fLaC........"))?.1 == .readOn(to: 42))
    }
}
