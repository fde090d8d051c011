import Bytes
import Clocks
import Foundation
import Gateway
import Policy
import SeededRandom
import Settings
import Testing

@testable import propylon

/// Output of random values, read again by other parsers.
@Suite struct OutputPropertyTests {
    private static let letters = Array("ab,;\"\n\r\t\\ é🦉\u{301}\u{0}\u{7F}\u{85}\u{202E}{}[]:1-".unicodeScalars)

    private static func text(_ generator: inout SeededGenerator, upTo count: Int = 6) -> String {
        var scalars = String.UnicodeScalarView()
        for _ in 0..<generator.number(0...count) { scalars.append(generator.pick(letters)) }
        return String(scalars)
    }

    private static func value(_ generator: inout SeededGenerator, depth: Int = 3) -> JSONText {
        switch generator.number(0...(depth > 0 ? 6 : 4)) {
        case 0: .null
        case 4: .boolean(generator.number(0...1) == 0)
        case 1: .string(text(&generator))
        case 2: .integer(Int64(generator.number(-(1 << 50)...1 << 50)))
        case 3: .number(DecimalText.text(Int64(generator.number(0...1000)) * 25, places: 2))
        case 5: .array((0..<generator.number(0...3)).map { _ in value(&generator, depth: depth - 1) })
        default:
            .object(
                (0..<generator.number(0...3)).map { ("\($0)" + text(&generator), value(&generator, depth: depth - 1)) })
        }
    }

    /// The same value, as Foundation reads it.
    private static func object(_ value: JSONText) -> NSObject {
        switch value {
        case .null: NSNull()
        case .boolean(let value): value as NSNumber
        case .string(let text): text as NSString
        case .integer(let number): number as NSNumber
        case .number(let text), .raw(let text): NSNumber(value: Double(text) ?? 0)
        case .array(let values): values.map(object) as NSArray
        case .object(let members):
            Dictionary(members.map { ($0.name, object($0.value)) }, uniquingKeysWith: { $1 }) as NSDictionary
        }
    }

    @Test func jsonIsReadAsTheSameValue() throws {
        var generator = SeededGenerator(seed: 41)
        for _ in 0..<200 {
            let value = Self.value(&generator)
            let read = try JSONSerialization.jsonObject(with: Data(value.text.utf8), options: .fragmentsAllowed)
            #expect((read as? NSObject) == Self.object(value), "\(value.text)")
            let line = try JSONSerialization.jsonObject(with: Data(value.line.utf8), options: .fragmentsAllowed)
            #expect((line as? NSObject) == Self.object(value), "\(value.line)")
            #expect(!value.line.contains("\n"))
        }
    }

    @Test func csvIsReadAsTheSameCells() throws {
        var generator = SeededGenerator(seed: 42)
        let allowed = Array("ab,\"\n é🦉\u{301};\t1".unicodeScalars)
        for _ in 0..<200 {
            let width = generator.number(1...4)
            let titles = (0..<width).map { "t\($0)" }
            let rows = (0..<generator.number(1...4)).map { _ in
                (0..<width).map { _ -> String in
                    var scalars = String.UnicodeScalarView()
                    for _ in 0..<generator.number(0...4) { scalars.append(generator.pick(allowed)) }
                    // The reader trims spaces, and line ends at the end of a cell.
                    return "x" + String(scalars) + "x"
                }
            }
            // A semicolon in a cell must not be taken for the separator: the titles have commas, unless there is one column.
            guard width > 1 else { continue }
            let table = try UsageStatementTable(CSVText.text([titles] + rows))
            #expect(table.lines.map { line in (0..<width).map(line.cell) } == rows)
        }
    }

    @Test func tablesAlignAndNeverLoseALine() {
        var generator = SeededGenerator(seed: 43)
        for _ in 0..<100 {
            var table = TextTable([("A", .left), ("B", .right)])
            let count = generator.number(0...4)
            for _ in 0..<count { table.add([Self.text(&generator), Self.text(&generator)]) }
            let lines = table.text.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.count == count + 2)
            #expect(lines.last == "")
        }
    }

    @Test func momentsAreReadAgainInEveryZone() throws {
        var generator = SeededGenerator(seed: 44)
        let zones = try [
            "UTC", "Europe/Paris", "America/St_Johns", "Asia/Kathmandu", "Pacific/Apia", "Australia/Lord_Howe",
        ]
        .map { TimeText(zone: try #require(TimeZone(identifier: $0))) }
        for _ in 0..<400 {
            let time = generator.pick(zones)
            let moment = Timestamp(seconds: Int64(generator.number(0...4_000_000_000)))
            #expect(try time.moment(time.string(moment)) == moment)
        }
    }

    @Test func startsAreBeforeNowAndStartAUnit() throws {
        var generator = SeededGenerator(seed: 45)
        let time = TimeText(zone: try #require(TimeZone(identifier: "Europe/Paris")))
        for _ in 0..<200 {
            let now = Timestamp(seconds: Int64(generator.number(0...4_000_000_000)))
            let (hour, day, month) = (
                try time.past("hour", now: now), try time.past("day", now: now), try time.past("month", now: now)
            )
            #expect(month <= day && day <= hour && hour <= now)
            #expect(now - hour < .seconds(3600))
            #expect(now - day < .seconds(25 * 3600))
            #expect(time.string(day).contains("T00:00:00"))
            #expect(time.string(month).contains("-01T00:00:00"))
        }
    }

    @Test func accessLinesAreOneLineOfASCIIWhateverTheRecord() throws {
        var generator = SeededGenerator(seed: 46)
        for _ in 0..<100 {
            let id = RequestID(high: 0x0189_0A5D_AC96_7000, low: 0x8000_0000_0000_0001)
            var record = UsageRecord(
                id: id, keyID: "abcdefghjk", team: Self.text(&generator), endpoint: "chat/completions",
                startedAt: Timestamp(microseconds: Int64.random(in: .min ... .max, using: &generator)))
            record.user = Self.text(&generator)
            record.modelAsked = Self.text(&generator)
            record.modelServed = Self.text(&generator)
            record.tags = [Self.text(&generator)]
            record.cost = NanoEuros(Int64.random(in: 0 ... .max, using: &generator))
            record.firstByteAt = Timestamp(microseconds: Int64.random(in: .min ... .max, using: &generator))
            for unit in Unit.allCases { record.units[unit] = Int64(generator.number(0...1 << 50)) }
            let entry = AccessEntry(
                id: id, startedAt: record.startedAt,
                duration: .seconds(Int64.random(in: 0 ... .max, using: &generator)),
                client: "::1", method: Self.text(&generator), path: Self.text(&generator),
                userAgent: Self.text(&generator), status: 200, keyName: Self.text(&generator), record: record)
            for format in Configuration.LogFormat.allCases {
                var line: [UInt8] = []
                AccessLine.append(entry, as: format, .paris, to: &line)
                #expect(line.last == 0x0A)
                #expect(line.dropLast().allSatisfy { (0x20..<0x7F).contains($0) })
                guard format == .json else { continue }
                let object = try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
                #expect(object?["user"] as? String == record.user)
                #expect(object?["user_agent"] as? String == entry.userAgent)
                for unit in Unit.allCases { #expect(object?[unit.member] as? Int64 ?? 0 == record.units[unit]) }
            }
        }
    }
}
