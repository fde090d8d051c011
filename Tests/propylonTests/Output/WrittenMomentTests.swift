import Clocks
import Foundation
import SeededRandom
import Testing

@testable import propylon

@Suite struct WrittenMomentTests {
    private func text(_ moment: Timestamp, _ time: TimeText) -> String {
        var bytes = Array("at ".utf8)
        bytes.append(moment, on: time)
        return String(decoding: bytes, as: UTF8.self)
    }

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
        #expect(self.text(Timestamp(microseconds: microseconds), .utc) == "at \(text)")
    }

    /// Both sides of the changes of the clock in 2026, and a day that is another one in UTC.
    @Test(
        arguments: [
            (1_795_428_000_123_456, "2026-11-23T11:00:00.123+01:00"),
            (1_784_887_200_000_000, "2026-07-24T12:00:00.000+02:00"),
            (1_774_745_999_999_999, "2026-03-29T01:59:59.999+01:00"),
            (1_774_746_000_000_000, "2026-03-29T03:00:00.000+02:00"),
            (1_792_889_999_999_000, "2026-10-25T02:59:59.999+02:00"),
            (1_792_890_000_000_000, "2026-10-25T02:00:00.000+01:00"),
            (1_798_758_000_000_000, "2027-01-01T00:00:00.000+01:00"),
        ] as [(Int64, String)])
    func momentsInParis(microseconds: Int64, text: String) {
        #expect(self.text(Timestamp(microseconds: microseconds), .paris) == "at \(text)")
        #expect(TimeText.paris.millisecond(Timestamp(microseconds: microseconds)) == text)
    }

    /// Seconds and milliseconds, each by one way, in zones on both sides of UTC.
    @Test(arguments: ["UTC", "Europe/Paris", "America/St_Johns", "Asia/Kolkata", "Pacific/Kiritimati", "Pacific/Niue"])
    func everyZoneAgreesWithTheSystemsFormatter(name: String) throws {
        let zone = try #require(TimeZone(identifier: name))
        let time = TimeText(zone: zone)
        let style = Date.ISO8601FormatStyle(timeZoneSeparator: .colon, timeZone: zone)
        var generator = SeededGenerator(seed: 45)
        for _ in 0..<300 {
            let second = Int64.random(in: 1_000_000_000...2_000_000_000, using: &generator)
            let expected = Date(timeIntervalSince1970: Double(second)).formatted(style)
            #expect(time.string(Timestamp(microseconds: second * 1_000_000 - 1)) == expected)
            let text = time.millisecond(Timestamp(microseconds: second * 1_000_000 + 7_999))
            #expect(text == expected.prefix(19) + ".007" + expected.dropFirst(19))
        }
    }

    @Test(arguments: [Int64.min, .max]) func theEndsOfTimeDoNotTrap(microseconds: Int64) {
        var bytes: [UInt8] = []
        bytes.appendUTC(Timestamp(microseconds: microseconds))
        #expect(bytes.last == UInt8(ascii: "Z"))
        for zone in ["Europe/Paris", "Pacific/Kiritimati", "Pacific/Niue"].compactMap(TimeZone.init(identifier:)) {
            let time = TimeText(zone: zone)
            #expect(time.millisecond(Timestamp(microseconds: microseconds)).contains("T"))
            #expect(time.string(Timestamp(microseconds: microseconds)).contains("T"))
        }
    }
}
