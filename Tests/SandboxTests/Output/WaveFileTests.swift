import SeededRandom
import Testing

@testable import Sandbox

@Suite struct WaveFileTests {
    private func file(_ count: Int) -> [UInt8] {
        var file = WaveFile.header(count)
        WaveFile.appendSine(count, to: &file)
        return file
    }

    @Test func aHeaderHas44Bytes() {
        let header = WaveFile.header(1000)
        #expect(header.count == 44)
        #expect(header[0..<4].elementsEqual("RIFF".utf8))
        #expect(header[4..<8].elementsEqual([0x0C, 0x04, 0, 0]))
        #expect(header[8..<16].elementsEqual("WAVEfmt ".utf8))
        #expect(header[40..<44].elementsEqual([0xE8, 0x03, 0, 0]))
    }

    @Test(arguments: [0, 2, 100, 102, 10_000])
    func aSineHasItsLength(_ count: Int) {
        #expect(file(count).count == 44 + count)
    }

    @Test func aSineHasAPeriodOf50Samples() {
        let sine = Array(file(400)[44...])
        #expect(sine[0..<100] == sine[100..<200])
        let samples = stride(from: 0, to: 100, by: 2).map {
            Int16(bitPattern: UInt16(sine[$0]) | UInt16(sine[$0 + 1]) << 8)
        }
        #expect(samples[0] == 0)
        #expect((7900...8000).contains(samples.max() ?? 0))
        #expect(zip(samples, samples[25...] + samples[..<25]).allSatisfy { abs(Int($0) + Int($1)) <= 1 })
    }

    @Test(arguments: [(48_000, 1000), (24, 1), (2, 1), (480_000, 10_000)])
    func itsOwnFilesHaveTheirLength(_ count: Int, _ milliseconds: Int) {
        let file = file(count)
        #expect(WaveFile.milliseconds(head: Array(file.prefix(4096)), size: file.count) == milliseconds)
    }

    @Test func otherChunksAreSkipped() {
        let plain = file(48_000)
        let list = Array("LIST".utf8) + [3, 0, 0, 0, 1, 2, 3, 0]
        let file = plain[..<12] + list + plain[12...]
        #expect(WaveFile.milliseconds(head: Array(file.prefix(4096)), size: file.count) == 1000)
    }

    @Test func aDataChunkEndsWithTheFile() {
        var file = file(48_000)
        for index in 40..<44 { file[index] = 0xFF }
        #expect(WaveFile.milliseconds(head: Array(file.prefix(4096)), size: file.count) == 1000)
    }

    @Test(arguments: [
        [], Array("RIFF".utf8), Array("RIFFxxxxWAVE".utf8), Array("ID3 and so on, more than twelve bytes".utf8),
    ])
    func otherFilesHave16000BytesASecond(_ head: [UInt8]) {
        #expect(WaveFile.milliseconds(head: head, size: 32_000) == 2000)
    }

    @Test func aLengthIsAtLeastAMillisecond() {
        #expect(WaveFile.milliseconds(head: [], size: 0) == 1)
        #expect(WaveFile.milliseconds(head: file(0), size: 44) == 1)
    }

    @Test func changedHeadersStopNothing() {
        var generator = SeededGenerator(seed: 5)
        let head = Array(file(100))
        for _ in 0..<5000 {
            let changed = generator.mutated(head, with: [0, 1, 0x7F, 0x80, 0xFF])
            let size = generator.pick([0, 12, 44, 1 << 28])
            #expect(WaveFile.milliseconds(head: changed, size: size) >= 1)
        }
    }
}
