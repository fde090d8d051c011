import Clocks
import Testing

@testable import propylon

@Suite struct UTCTimeTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1_795_428_000_123_456, "2026-11-23T10:00:00.123Z"),
            (1_709_164_799_999_999, "2024-02-28T23:59:59.999Z"), (1_709_164_800_000_000, "2024-02-29T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"), (951_782_400_000_000, "2000-02-29T00:00:00.000Z"),
        ] as [(Int64, String)])
    func moments(microseconds: Int64, text: String) {
        var bytes = Array("at ".utf8)
        bytes.appendUTC(Timestamp(microseconds: microseconds))
        #expect(String(decoding: bytes, as: UTF8.self) == "at \(text)")
    }

    @Test(arguments: [Int64.min, .max]) func theEndsOfTimeDoNotTrap(microseconds: Int64) {
        var bytes: [UInt8] = []
        bytes.appendUTC(Timestamp(microseconds: microseconds))
        #expect(bytes.last == UInt8(ascii: "Z"))
    }
}
