import Testing

@testable import Sandbox

@Suite struct PNGImageTests {
    private struct Chunk {
        var kind: String
        var content: [UInt8]
        var isIntact: Bool
    }

    private func number(_ bytes: some Collection<UInt8>) -> UInt32 { bytes.reduce(0) { $0 << 8 | UInt32($1) } }

    /// CRC-32 of the PNG specification, annex D, bit by bit: a second opinion on zlib's.
    private func checksum(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(0xFFFF_FFFF) { register, byte in
            (0..<8).reduce(register ^ UInt32(byte)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1
            }
        }
    }

    private func chunks(_ file: [UInt8]) throws -> [Chunk] {
        try #require(file.prefix(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        var chunks: [Chunk] = []
        var index = 8
        while index < file.count {
            let length = Int(number(file[index..<index + 4]))
            let checked = Array(file[index + 4..<index + 8 + length])
            chunks.append(
                Chunk(
                    kind: String(decoding: checked.prefix(4), as: UTF8.self), content: Array(checked.dropFirst(4)),
                    isIntact: number(file[index + 8 + length..<index + 12 + length]) == checksum(checked)))
            index += length + 12
        }
        return chunks
    }

    @Test func checksumsAreRight() throws {
        #expect(checksum(Array("123456789".utf8)) == 0xCBF4_3926)
        #expect(try chunks(PNGImage.encode(width: 20, height: 10, atLeast: 5000)).allSatisfy(\.isIntact))
    }

    @Test func chunksStandInOrder() throws {
        #expect(try chunks(PNGImage.encode(width: 3, height: 2, atLeast: 0)).map(\.kind) == ["IHDR", "IDAT", "IEND"])
        #expect(
            try chunks(PNGImage.encode(width: 3, height: 2, atLeast: 500)).map(\.kind)
                == ["IHDR", "IDAT", "paDd", "IEND"])
    }

    @Test func theHeaderStatesTheDimensions() throws {
        let header = try chunks(PNGImage.encode(width: 20, height: 10, atLeast: 0))[0].content
        #expect(header == [0, 0, 0, 20, 0, 0, 0, 10, 8, 0, 0, 0, 0])
    }

    @Test(arguments: [(1, 1), (3, 2), (2048, 3)])
    func pixelsAreAGradient(_ width: Int, _ height: Int) throws {
        let data = try chunks(PNGImage.encode(width: width, height: height, atLeast: 0))[1].content
        let rows = try gunzip(data)
        try #require(rows.count == (width + 1) * height)
        for y in 0..<height {
            let row = rows[y * (width + 1)..<(y + 1) * (width + 1)]
            #expect(row.first == 0)
            #expect(row.dropFirst().enumerated().allSatisfy { $1 == UInt8(truncatingIfNeeded: $0 + y) })
        }
    }

    @Test(arguments: [200, 5000, 1 << 20])
    func aFileIsFilledUpToItsSize(_ size: Int) {
        #expect(PNGImage.encode(width: 2, height: 2, atLeast: size).count == size)
    }

    @Test func aFileIsNeverCut() {
        let natural = PNGImage.encode(width: 2, height: 2, atLeast: 0)
        #expect(PNGImage.encode(width: 2, height: 2, atLeast: 10) == natural)
        // There is no chunk for a gap of fewer bytes than its frame.
        #expect(PNGImage.encode(width: 2, height: 2, atLeast: natural.count + 5) == natural)
    }
}
