import Bytes
import Policy

/// Numbers, sizes, durations and prices.
extension ValueFormat<Int64> {
    /// A whole number in `range`, as `40000` or `40_000`.
    static func integer(_ range: ClosedRange<Int64>) -> Self {
        let limits =
            range.upperBound == .max ? "at least \(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
        return Self(
            form: "whole number, \(limits)",
            read: { text throws(ParseProblem) in
                guard let digits = Digits(text) else {
                    throw ParseProblem("must be a whole number", suggestion: Digits(grouped: text)?.text)
                }
                guard let number = Int64(digits.text) else {
                    throw ParseProblem("is out of range: must be \(range.lowerBound) to \(range.upperBound)")
                }
                guard range.contains(number) else { throw ParseProblem("must be \(limits)") }
                return number
            }, write: { String($0) })
    }

    /// A decimal number of at least 0, stored as a multiple of 10 to the power of minus `places`. No floating point.
    ///
    /// - Parameters:
    ///   - quantity: the noun in errors and in the reference, as `price in EUR`.
    ///   - isPositive: refuses 0.
    static func decimal(places: Int, _ quantity: String, isPositive: Bool = false) -> Self {
        let limit = isPositive ? "more than 0" : "at least 0"
        return Self(
            form: "\(quantity), \(limit), at most \(places) decimals",
            read: { text throws(ParseProblem) in
                let value = try scaled(text, places: places, quantity)
                guard value > 0 || !isPositive else {
                    throw ParseProblem("must be more than 0; leave it out for no limit")
                }
                return value
            }, write: { DecimalText.text($0, places: places) })
    }

    private static func scaled(_ text: String, places: Int, _ quantity: String) throws(ParseProblem) -> Int64 {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = parts.count == 2 ? parts[1] : "0"
        guard let whole = Digits(String(parts[0])), !whole.isNegative, !fraction.isEmpty,
            fraction.utf8.allSatisfy(ASCII.isDigit)
        else {
            let withPoint = text.replacing(",", with: ".", maxReplacements: 1)
            let isDecimal = withPoint != text && withPoint.utf8.allSatisfy { ASCII.isDigit($0) || $0 == ASCII.point }
            throw ParseProblem(
                "must be a \(quantity), a number of at least 0 such as 1.8", suggestion: isDecimal ? withPoint : nil)
        }
        guard fraction.count <= places else {
            throw ParseProblem("has more than \(places) decimals, which cannot be counted exactly")
        }
        let padded = whole.text + fraction + String(repeating: "0", count: places - fraction.count)
        guard let scaled = Int64(padded) else { throw ParseProblem("is too large to be counted") }
        return scaled
    }
}

extension ValueFormat<Int> {
    /// A whole number in `range`.
    static func integer(_ range: ClosedRange<Int>) -> Self {
        let wide = ValueFormat<Int64>.integer(Int64(range.lowerBound)...Int64(range.upperBound))
        return Self(
            form: wide.form, read: { text throws(ParseProblem) in Int(try wide.read(text)) }, write: { String($0) })
    }

    /// A number of bytes in `range`, plain or with a unit, as `65536` or `64KiB`.
    static func size(_ range: ClosedRange<Int>) -> Self {
        let limits = "\(Quantity.text(bytes: range.lowerBound)) to \(Quantity.text(bytes: range.upperBound))"
        return Self(
            form: "size, \(limits)",
            read: { text throws(ParseProblem) in
                let (digits, unit) = Quantity.split(text)
                let known = Quantity.sizeUnits.first { $0.name == unit }
                guard let number = digits, let factor = unit.isEmpty ? 1 : known?.bytes else {
                    guard !Quantity.isTooLarge(text, units: Quantity.sizeUnits.map(\.name) + [""]) else {
                        throw ParseProblem("must be \(limits)")
                    }
                    let near = digits.flatMap { Quantity.sizeSuggestion($0, unit) }
                    throw ParseProblem(
                        "must be a size: a number of bytes, or one with KiB, MiB or GiB, as 64KiB",
                        suggestion: near.flatMap { (try? size(range).read($0)) == nil ? nil : $0 })
                }
                let (bytes, overflow) = number.multipliedReportingOverflow(by: factor)
                guard !overflow, range.contains(bytes) else { throw ParseProblem("must be \(limits)") }
                return bytes
            }, write: { Quantity.text(bytes: $0) })
    }
}

extension ValueFormat<Duration> {
    /// A timeout. None is 0, since every operation would exceed it.
    static var timeout: Self { .duration(.milliseconds(1)...(.hours(24))) }

    /// A duration in `range`, with its unit, as `500ms`, `30s`, `5m`, `24h` or `30d`.
    static func duration(_ range: ClosedRange<Duration>) -> Self {
        let limits = "\(Quantity.text(range.lowerBound)) to \(Quantity.text(range.upperBound))"
        return Self(
            form: "duration, \(limits)",
            read: { text throws(ParseProblem) in
                let (digits, unit) = Quantity.split(text)
                guard let number = digits, let factor = Quantity.durationUnits.first(where: { $0.name == unit }) else {
                    guard !Quantity.isTooLarge(text, units: Quantity.durationUnits.map(\.name)) else {
                        throw ParseProblem("must be \(limits)")
                    }
                    let near = digits.flatMap { Quantity.durationSuggestion($0, unit) }
                    throw ParseProblem(
                        "must be a duration: a whole number with ms, s, m, h or d, as 30s, from \(limits)",
                        suggestion: near.flatMap { (try? duration(range).read($0)) == nil ? nil : $0 })
                }
                let (milliseconds, overflow) = Int64(number).multipliedReportingOverflow(by: factor.milliseconds)
                guard !overflow, range.contains(.milliseconds(milliseconds)) else {
                    throw ParseProblem("must be \(limits)")
                }
                return .milliseconds(milliseconds)
            }, write: { Quantity.text($0) })
    }
}

extension Duration {
    static func hours(_ hours: Int64) -> Duration { .seconds(hours * 3600) }
}
