import SeededRandom
import Testing

@testable import OpenAIAPI

@Suite struct MP3FrameTests {
    @Test(
        arguments: [
            // MPEG-1, MPEG-2 and MPEG-2.5.
            (0xFFFB_90C0, 44_100, 1152, 417), (0xFFFB_92C0, 44_100, 1152, 418), (0xFFFB_E4C0, 48_000, 1152, 960),
            (0xFFFB_18C0, 32_000, 1152, 144), (0xFFF3_80C0, 22_050, 576, 208), (0xFFE3_88C0, 8000, 576, 576),
            // With a checksum.
            (0xFFFA_90C0, 44_100, 1152, 417),
        ] as [(UInt64, Int, Int, Int)])
    func headersTellTheFrame(header: UInt64, rate: Int, samples: Int, size: Int) throws {
        let frame = try #require(MP3Frame(header))
        #expect(frame.sampleRate == rate)
        #expect(frame.samples == samples)
        #expect(frame.size == size)
    }

    @Test(
        arguments: [
            0, 0xFFFF_FFFF,
            // No sync, layer I, layer II, a reserved layer, a reserved version.
            0x7FFB_90C0, 0xFFFF_90C0, 0xFFFD_90C0, 0xFFF9_90C0, 0xFFEB_90C0,
            // No bit rate, a reserved bit rate, a reserved sample rate.
            0xFFFB_00C0, 0xFFFB_F0C0, 0xFFFB_9CC0,
        ] as [UInt64])
    func otherBitsAreNoFrame(header: UInt64) {
        #expect(MP3Frame(header) == nil)
    }

    @Test func everyFrameHasASizeAndARate() {
        var random = SeededGenerator(seed: 71)
        for _ in 0..<20_000 {
            let header = 0xFFE0_0000 | UInt64(random.number(0...0x1F_FFFF))
            guard let frame = MP3Frame(header) else { continue }
            #expect((24...1441).contains(frame.size))
            #expect((8000...48_000).contains(frame.sampleRate))
        }
    }

    @Test func searchedBytesAreBounded() throws {
        let frame = try #require(MP3Frame(0xFFFB_90C0))
        #expect(frame.searchedBytes(atLeast: 12) == 48)
        let small = try #require(MP3Frame(0xFFF3_14C0))
        #expect(small.searchedBytes(atLeast: 12) == min(48, small.size))
        #expect(small.searchedBytes(atLeast: 100) == 100)
    }
}
