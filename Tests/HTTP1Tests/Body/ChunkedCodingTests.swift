import Testing

@testable import HTTP1

@Suite struct ChunkedCodingTests {
    @Test func sizesAreHexadecimal() {
        let powers = (0..<63).flatMap { [1 << $0, (1 << $0) + 1] }
        for size in Array(1...5000) + powers + [Int.max] {
            var output: [UInt8] = []
            ChunkedCoding.begin(size: size, to: &output)
            #expect(output == Array((String(size, radix: 16) + "\r\n").utf8))
        }
    }

    @Test func ends() {
        var output = Array("x".utf8)
        ChunkedCoding.endChunk(to: &output)
        ChunkedCoding.last(to: &output)
        #expect(output == Array("x\r\n0\r\n\r\n".utf8))
    }
}
