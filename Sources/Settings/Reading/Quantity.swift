import Bytes

/// Sizes and durations: their units, texts and corrections.
enum Quantity {
    static let sizeUnits: [(name: String, bytes: Int)] = [
        ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1),
    ]
    static let durationUnits: [(name: String, milliseconds: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]

    /// A number of bytes in the largest unit that is exact.
    static func text(bytes: Int) -> String {
        let unit = sizeUnits.first { bytes >= $0.bytes && bytes % $0.bytes == 0 && $0.bytes > 1 }
        return unit.map { "\(bytes / $0.bytes)\($0.name)" } ?? String(bytes)
    }

    /// A duration of whole milliseconds in the largest unit that is exact.
    static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        let unit = durationUnits.first { milliseconds >= $0.milliseconds && milliseconds % $0.milliseconds == 0 }
        return unit.map { "\(milliseconds / $0.milliseconds)\($0.name)" } ?? "0s"
    }

    /// The number at the start of `text` and the unit after it, without spaces. The number is nil where there is none.
    static func split(_ text: String) -> (number: Int?, unit: String) {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == "_") }
        let unit = text[digits.endIndex...].drop { $0 == " " }
        return (Digits(String(digits)).flatMap { Int($0.text) }, String(unit))
    }

    /// Returns true for digits that no `Int` has, with one of `units`.
    static func isTooLarge(_ text: String, units: [String]) -> Bool {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        return !digits.isEmpty && Int(digits) == nil && units.contains(String(text[digits.endIndex...]))
    }

    static func sizeSuggestion(_ number: Int, _ unit: String) -> String? {
        switch unit.lowercased() {
        case "k", "kb", "ki", "kib": "\(number)KiB"
        case "m", "mb", "mi", "mib": "\(number)MiB"
        case "g", "gb", "gi", "gib": "\(number)GiB"
        default: nil
        }
    }

    static func durationSuggestion(_ number: Int, _ unit: String) -> String? {
        func days(_ count: Int) -> String? {
            let (days, overflow) = number.multipliedReportingOverflow(by: count)
            return overflow ? nil : "\(days)d"
        }
        return switch unit.lowercased() {
        case "", "s", "sec", "secs", "second", "seconds": "\(number)s"
        case "ms", "msec", "millisecond", "milliseconds": "\(number)ms"
        case "min", "mins", "minute", "minutes": "\(number)m"
        case "h", "hr", "hrs", "hour", "hours": "\(number)h"
        case "d", "day", "days": "\(number)d"
        case "w", "week", "weeks": days(7)
        case "mo", "month", "months": days(30)
        case "y", "yr", "yrs", "year", "years": days(365)
        default: nil
        }
    }
}

/// Digits of a whole number, with `_` allowed between them as in YAML 1.1.
struct Digits {
    /// The number without `_`.
    let text: String
    var isNegative: Bool { text.hasPrefix("-") }

    /// Digits in groups of three, as `40,000` or `40 000`, which no number of the file may be.
    init?(grouped text: String) {
        guard let mark = text.first(where: { $0 == "," || $0 == " " }) else { return nil }
        let groups = text.split(separator: mark, omittingEmptySubsequences: false)
        guard 1...3 ~= groups[0].count, groups.dropFirst().allSatisfy({ $0.count == 3 }) else { return nil }
        self.init(groups.joined())
    }

    init?(_ text: String) {
        let sign = text.hasPrefix("-") ? "-" : ""
        let digits = text.dropFirst(sign.count)
        guard let first = digits.utf8.first, let last = digits.utf8.last,
            first != UInt8(ascii: "_"), last != UInt8(ascii: "_"),
            digits.utf8.allSatisfy({ ASCII.isDigit($0) || $0 == UInt8(ascii: "_") })
        else { return nil }
        self.text = sign + digits.filter { $0 != "_" }
    }
}
