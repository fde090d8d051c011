import Bytes
import Policy
import SeededRandom
import Testing

@testable import Settings

@Suite struct QuantityTests {
    @Test(
        arguments: [
            ("0", 0), ("40000", 40_000), ("40_000", 40_000), ("-3", -3), ("", nil), ("-", nil), ("_1", nil),
            ("1_", nil), ("1.0", nil),
            ("1e3", nil), ("0x10", nil), ("+1", nil), (" 1", nil), ("１", nil), ("99999999999999999999", nil),
            ("50001", nil),
        ] as [(String, Int64?)])
    func wholeNumbers(text: String, number: Int64?) {
        #expect(value(text, .integer(-5...50_000)) == number)
    }

    @Test(
        arguments: [
            ("1.8", 1800), ("8", 8000), ("0.001", 1), ("0", 0), ("10_000.5", 10_000_500), ("1.80", 1800),
            ("9223372036854775.807", .max),
            ("9223372036854775.808", nil), ("1.2345", nil), ("-1", nil), ("-0", nil), (".5", nil), ("5.", nil),
            ("1,5", nil), ("1.8.0", nil),
            ("1e3", nil), ("abc", nil), ("", nil), ("1._5", nil),
        ] as [(String, Int64?)])
    func decimalsAreExact(text: String, thousandths: Int64?) {
        #expect(value(text, .decimal(places: 3, "price")) == thousandths)
    }

    @Test(
        arguments: [
            ("65536", 65_536), ("64KiB", 65_536), ("64 KiB", 65_536), ("32MiB", 32 << 20), ("1GiB", 1 << 30),
            ("100B", 100), ("0", nil),
            ("2GiB", nil), ("64kib", nil), ("64KB", nil), ("KiB", nil), ("1.5MiB", nil), ("-1", nil),
            ("9999999999999GiB", nil),
        ] as [(String, Int?)])
    func sizes(text: String, bytes: Int?) {
        #expect(value(text, .size(1...1 << 30)) == bytes)
    }

    @Test(
        arguments: [
            ("500ms", 500), ("30s", 30_000), ("5m", 300_000), ("24h", 86_400_000), ("30d", 2_592_000_000),
            ("5 m", 300_000), ("0s", nil),
            ("31d", nil), ("30", nil), ("1.5h", nil), ("1h30m", nil), ("-1s", nil), ("s", nil),
            ("9223372036854775807d", nil),
        ] as [(String, Int64?)])
    func durations(text: String, milliseconds: Int64?) {
        let range = Duration.milliseconds(1)...Duration.seconds(30 * 86_400)
        #expect(value(text, .duration(range)) == milliseconds.map { .milliseconds($0) })
    }

    @Test func numbersOutOfRangeAreToldTheRange() {
        #expect(
            message("99999999999999999999", ValueFormat<Int64>.integer(1...Int64.max))
                == "is out of range: must be 1 to 9223372036854775807")
        #expect(message("0", ValueFormat<Int64>.integer(1...9)) == "must be 1 to 9")
        #expect(
            message("99999999999999999999s", ValueFormat<Duration>.duration(.seconds(1)...(.hours(1))))
                == "must be 1s to 1h")
        #expect(message("99999999999999999999KiB", ValueFormat<Int>.size(1...1024)) == "must be 1 to 1KiB")
        #expect(message("99999999999999999999", ValueFormat<Int>.size(1...1024)) == "must be 1 to 1KiB")
    }

    @Test(arguments: ["1y", "1 year", "2w", "3months", "9999999999y", "90", "1y2"]) func suggestionsAreInRange(
        text: String
    ) {
        for days in [1, 30, 400, 4000] {
            let format = ValueFormat<Duration>.duration(.milliseconds(1)...(.seconds(days * 86_400)))
            if let suggestion = suggestion(text, format) { #expect(value(suggestion, format) != nil) }
        }
        #expect(suggestion("1y", ValueFormat<Duration>.duration(.zero...(.seconds(400 * 86_400)))) == "365d")
        #expect(suggestion("1y", ValueFormat<Duration>.timeout) == nil)
    }

    @Test func numbersOfPeopleAreTranslated() {
        #expect(suggestion("40,000", ValueFormat<Int64>.integer(1...99_999)) == "40000")
        #expect(suggestion("1 000 000", ValueFormat<Int64>.integer(1...Int64.max)) == "1000000")
        #expect(suggestion("4,00", ValueFormat<Int64>.integer(1...99_999)) == nil)
        #expect(suggestion("2,50", ValueFormat<Int64>.decimal(places: 3, "price")) == "2.50")
        #expect(suggestion("2,5,0", ValueFormat<Int64>.decimal(places: 3, "price")) == nil)
    }

    @Test func otherUnitsAreTranslated() {
        for (text, meant) in [("64KB", "64KiB"), ("1m", "1MiB"), ("2gib", "2GiB"), ("5furlongs", nil), ("1.5MiB", nil)]
        {
            #expect(suggestion(text, ValueFormat<Int>.size(0...1 << 40)) == meant)
        }
        for (text, meant) in [
            ("30", "30s"), ("5min", "5m"), ("2 hours", "2h"), ("1week", "7d"), ("3x", nil), ("1h30m", nil),
        ] {
            #expect(suggestion(text, ValueFormat<Duration>.duration(.zero ... .hours(720))) == meant)
        }
    }

    @Test func textIsReadAsTheSameQuantity() {
        var generator = SeededGenerator(seed: 20)
        for _ in 0..<2000 {
            let shift = Int.random(in: 0..<40, using: &generator)
            let bytes =
                (Int.random(in: 0...1 << 40, using: &generator) >> shift)
                << Int.random(in: 0...shift, using: &generator)
            #expect(value(Quantity.text(bytes: bytes), .size(0...1 << 40)) == bytes)
            let unit = [1, 1000, 60_000, 3_600_000, 86_400_000].randomElement(using: &generator)! as Int64
            let duration = Duration.milliseconds(Int64.random(in: 0...10_000, using: &generator) * unit)
            #expect(value(Quantity.text(duration), .duration(.zero ... .seconds(1 << 40))) == duration)
            let scaled = Int64.random(in: 0...Int64.max, using: &generator) >> Int64(shift)
            for places in [3, 6, 9] {
                #expect(value(DecimalText.text(scaled, places: places), .decimal(places: places, "it")) == scaled)
            }
        }
    }

    @Test func textIsShort() {
        #expect(Quantity.text(bytes: 32 << 10) == "32KiB")
        #expect(Quantity.text(bytes: 1000) == "1000")
        #expect(Quantity.text(.seconds(300)) == "5m")
        #expect(Quantity.text(.zero) == "0s")
        #expect(DecimalText.text(1800, places: 3) == "1.8")
        #expect(DecimalText.text(5, places: 3) == "0.005")
        #expect(DecimalText.text(0, places: 3) == "0")
    }
}
