import Testing

@testable import OpenAIAPI

@Suite struct AudioEstimateTests {
    private func wav(rate: UInt32, before chunk: [UInt8] = []) -> [UInt8] {
        func number(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(value >> (8 * $0) & 0xFF) } }
        return Array("RIFF".utf8) + number(0) + Array("WAVE".utf8) + chunk + Array("fmt ".utf8) + number(16)
            + [1, 0, 1, 0] + number(rate / 2) + number(rate) + [2, 0, 16, 0] + Array("data".utf8) + number(0)
    }

    private func milliseconds(_ head: [UInt8], size: Int) -> Int64 {
        AudioEstimate.milliseconds(head: head.span, size: size)
    }

    @Test func wavFilesStateTheirRate() {
        #expect(milliseconds(wav(rate: 32_000), size: 320_000) == 10_000)
        let list = Array("LIST".utf8) + [4, 0, 0, 0, 1, 2, 3, 4]
        #expect(milliseconds(wav(rate: 32_000, before: list), size: 320_001) == 10_001)
    }

    @Test func everythingElseIsTakenForCompressed() {
        #expect(milliseconds([], size: 160_000) == 10_000)
        #expect(milliseconds([UInt8](repeating: 0xFF, count: 4096), size: 16_000) == 1000)
        #expect(milliseconds(wav(rate: 1), size: 16_000) == 1000)
    }

    @Test func noHeadIsReadBeyondItsEnd() {
        let whole = wav(rate: 32_000, before: Array("LIST".utf8) + [255, 255, 255, 255])
        for count in 0...whole.count {
            _ = AudioEstimate.milliseconds(head: whole.span.extracting(0..<count), size: 1)
        }
    }
}
