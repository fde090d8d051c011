import Testing

@testable import Sandbox

@Suite struct GzipEncoderTests {
    @Test(arguments: [0, 1, 65_535, 65_536, 200_000])
    func aFileHoldsAnyLength(_ count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        #expect(try gunzip(GzipEncoder.encode(bytes)) == bytes)
    }

    @Test func textIsCompressed() {
        let text = Array(String(repeating: "the same words ", count: 1000).utf8)
        #expect(GzipEncoder.encode(text).count < text.count / 20)
    }

    @Test func piecesAreOneStream() throws {
        let encoder = GzipEncoder()
        var output: [UInt8] = []
        for piece in ["one ", "", "two ", "three"] { encoder.append(Array(piece.utf8), to: &output) }
        encoder.finish(to: &output)
        #expect(try gunzip(output) == Array("one two three".utf8))
    }

    @Test func everyPieceEndsAtAByteBorder() {
        let encoder = GzipEncoder()
        var output: [UInt8] = []
        encoder.append(Array("one ".utf8), to: &output)
        // The empty block of a sync flush (RFC 1951, section 3.2.4).
        #expect(output.suffix(4) == [0, 0, 0xFF, 0xFF])
    }

    @Test func aStreamWithoutPiecesIsAnEmptyFile() throws {
        let encoder = GzipEncoder()
        var output: [UInt8] = []
        encoder.finish(to: &output)
        #expect(try gunzip(output).isEmpty)
    }

    @Test func appendingKeepsWhatIsThere() throws {
        var output: [UInt8] = [1, 2, 3]
        GzipEncoder().finish(to: &output)
        #expect(output.prefix(3) == [1, 2, 3])
    }
}
