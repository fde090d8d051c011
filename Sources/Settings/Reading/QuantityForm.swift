/// Numbers, sizes, durations and amounts of money: everything that is counted.
extension ValueParser<Int64> {
    /// A whole number in `range`, as `40000` or `40_000`.
    static func integer(_ range: ClosedRange<Int64>) -> Self {
        Self { text throws(ParseProblem) in
            guard let digits = Digits(text) else { throw ParseProblem("must be a whole number") }
            guard let number = Int64(digits.text), range.contains(number) else {
                throw ParseProblem(Range.phrase(range.lowerBound, range.upperBound, isOpen: range.upperBound == .max))
            }
            return number
        }
    }

    /// A decimal number of at least 0 with at most `places` places after the point, times 10 to the power of `places`.
    ///
    /// Exact: no floating point.
    static func decimal(places: Int, of what: String) -> Self {
        Self { text throws(ParseProblem) in
            let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
            guard let whole = Digits(String(parts[0])), !whole.isNegative else {
                throw ParseProblem("must be \(what), a number of at least 0 such as 1.8")
            }
            let fraction = parts.count == 2 ? parts[1] : "0"
            guard !fraction.isEmpty, fraction.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else {
                throw ParseProblem("must be \(what), a number of at least 0 such as 1.8")
            }
            guard fraction.count <= places else {
                throw ParseProblem("has more than \(places) places after the point, which cannot be counted exactly")
            }
            let padded = whole.text + fraction + String(repeating: "0", count: places - fraction.count)
            guard let scaled = Int64(padded) else { throw ParseProblem("is too large to be counted") }
            return scaled
        }
    }
}

extension ValueParser<Int> {
    /// A whole number in `range`.
    static func integer(_ range: ClosedRange<Int>) -> Self {
        ValueParser<Int64>.integer(Int64(range.lowerBound)...Int64(range.upperBound)).map { Int($0) }
    }

    /// A number of bytes in `range`, plain or with a unit, as `65536` or `64KiB`.
    static func size(_ range: ClosedRange<Int>) -> Self {
        Self { text throws(ParseProblem) in
            let (digits, unit) = Quantity.split(text)
            let known = Quantity.sizeUnits.first { $0.name == unit }
            guard let number = digits, let factor = unit.isEmpty ? 1 : known?.bytes else {
                throw ParseProblem(
                    "must be a size: a number of bytes, or one with KiB, MiB or GiB, as 64KiB",
                    suggestion: digits.flatMap { Quantity.sizeSuggestion($0, unit) })
            }
            let (bytes, overflow) = number.multipliedReportingOverflow(by: factor)
            guard !overflow, range.contains(bytes) else {
                throw ParseProblem(
                    "must be \(Quantity.text(bytes: range.lowerBound)) to \(Quantity.text(bytes: range.upperBound))")
            }
            return bytes
        }
    }
}

extension ValueParser<Duration> {
    /// A duration in `range`, with its unit, as `500ms`, `30s`, `5m`, `24h` or `30d`.
    static func duration(_ range: ClosedRange<Duration>) -> Self {
        Self { text throws(ParseProblem) in
            let (digits, unit) = Quantity.split(text)
            guard let number = digits, let factor = Quantity.durationUnits.first(where: { $0.name == unit }) else {
                throw ParseProblem(
                    "must be a duration: a whole number with ms, s, m, h or d, as 30s",
                    suggestion: digits.flatMap { Quantity.durationSuggestion($0, unit) })
            }
            let (milliseconds, overflow) = Int64(number).multipliedReportingOverflow(by: factor.milliseconds)
            guard !overflow, range.contains(.milliseconds(milliseconds)) else {
                throw ParseProblem(
                    "must be \(Quantity.text(range.lowerBound)) to \(Quantity.text(range.upperBound))")
            }
            return .milliseconds(milliseconds)
        }
    }
}

/// The digits of a whole number, with `_` between them allowed, as YAML 1.1 has it.
private struct Digits {
    /// The number without any `_`.
    let text: String
    var isNegative: Bool { text.hasPrefix("-") }

    init?(_ text: String) {
        let sign = text.hasPrefix("-") ? "-" : ""
        let digits = text.dropFirst(sign.count)
        guard let first = digits.utf8.first, let last = digits.utf8.last,
            first != UInt8(ascii: "_"), last != UInt8(ascii: "_"),
            digits.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || $0 == UInt8(ascii: "_") })
        else { return nil }
        self.text = sign + digits.filter { $0 != "_" }
    }
}

private enum Range {
    static func phrase(_ lower: Int64, _ upper: Int64, isOpen: Bool) -> String {
        isOpen ? "must be at least \(lower)" : "must be \(lower) to \(upper)"
    }
}

/// Numbers with units, as they are written.
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

    /// The number at the beginning of `text`, nil where there is none, and what follows it without spaces.
    static func split(_ text: String) -> (number: Int?, unit: String) {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == "_") }
        let unit = text[digits.endIndex...].drop { $0 == " " }
        return (Digits(String(digits)).flatMap { Int($0.text) }, String(unit))
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
        switch unit.lowercased() {
        case "", "s", "sec", "secs", "second", "seconds": "\(number)s"
        case "ms", "msec", "millisecond", "milliseconds": "\(number)ms"
        case "min", "mins", "minute", "minutes": "\(number)m"
        case "h", "hr", "hrs", "hour", "hours": "\(number)h"
        case "d", "day", "days": "\(number)d"
        case "w", "week", "weeks": "\(number.multipliedReportingOverflow(by: 7).partialValue)d"
        default: nil
        }
    }
}
