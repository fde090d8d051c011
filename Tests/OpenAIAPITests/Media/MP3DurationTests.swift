import Testing

@testable import OpenAIAPI

@Suite struct MP3DurationTests {
    /// 100 frames of 1,152 samples at 44,100 a second.
    private let hundredFrames: Int64 = 2613

    @Test func framesAreCounted() {
        #expect(SoundFiles.milliseconds(SoundFiles.frames(100)) == hundredFrames)
        #expect(SoundFiles.milliseconds(SoundFiles.frames(1)) == 27)
    }

    @Test func paddedFramesAreLonger() {
        let file = (0..<100).flatMap { SoundFiles.frame(padded: $0 % 2 == 0) }
        #expect(SoundFiles.milliseconds(file) == hundredFrames)
    }

    @Test(arguments: [2, 3, 127, 128, 266, 20_000]) func aTagIsSkipped(size: Int) {
        #expect(SoundFiles.milliseconds(SoundFiles.tag(size) + SoundFiles.frames(100)) == hundredFrames)
    }

    @Test func aTagMayHaveAFooter() {
        let file = SoundFiles.tag(20, flags: 0x10) + SoundFiles.zeros(10) + SoundFiles.frames(100)
        #expect(SoundFiles.milliseconds(file) == hundredFrames)
    }

    @Test(arguments: [1, 50, 4000]) func paddingMayFollowTheTag(count: Int) {
        let file = SoundFiles.tag(10) + SoundFiles.zeros(count) + SoundFiles.frames(100)
        #expect(SoundFiles.milliseconds(file) == hundredFrames)
    }

    @Test func theSearchForAFrameEnds() {
        let file = SoundFiles.tag(10) + SoundFiles.zeros(15_980)
        #expect(SoundFiles.milliseconds(file) == 1000)
    }

    @Test(arguments: ["Xing", "Info", "VBRI"]) func aFrameThatDescribesTheFileIsNotCounted(name: String) {
        let first = SoundFiles.frame(SoundFiles.zeros(17) + Array(name.utf8))
        #expect(SoundFiles.milliseconds(first + SoundFiles.frames(100)) == hundredFrames)
        #expect(SoundFiles.milliseconds(SoundFiles.tag(30) + first + SoundFiles.frames(100)) == hundredFrames)
    }

    @Test func bytesAfterTheLastFrameCountAsItsLike() {
        let file = SoundFiles.frames(100) + Array("TAG".utf8) + SoundFiles.zeros(125)
        #expect(SoundFiles.milliseconds(file) == 2622)
        let half = SoundFiles.frames(100) + SoundFiles.zeros(41_700)
        #expect(SoundFiles.milliseconds(half) == hundredFrames * 2)
    }

    @Test(arguments: [0, 1]) func aTagOfNoContentIsMeasuredBySize(size: Int) {
        let file = SoundFiles.tag(size) + SoundFiles.frames(100)
        #expect(SoundFiles.milliseconds(file) == SoundDuration.milliseconds(Int64(file.count), each: 16_000))
    }

    @Test func aTagLargerThanTheFileIsMeasuredBySize() {
        let file = Array(SoundFiles.tag(40_000).prefix(16_000))
        #expect(SoundFiles.milliseconds(file) == 1000)
    }

    @Test func aFileThatEndsInAFrameHasIt() {
        #expect(SoundFiles.milliseconds(Array(SoundFiles.frames(2).dropLast(200))) == 53)
    }
}
