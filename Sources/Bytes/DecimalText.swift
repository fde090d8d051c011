/// Decimal numbers from integers that count small parts: exact, without floating point.
package enum DecimalText {
    /// The number `parts * 10^-places`. Trailing zeros beyond `least` decimals are left out.
    package static func text(_ parts: Int64, places: Int, least: Int = 0) -> String {
        let digits = String(parts.magnitude)
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        var fraction = padded.suffix(places)
        while fraction.count > least, fraction.last == "0" { fraction.removeLast() }
        let sign = parts < 0 ? "-" : ""
        return sign + padded.dropLast(places) + (fraction.isEmpty ? "" : "." + fraction)
    }

    /// The number `parts * 10^-places`, rounded to `shown` decimals, half away from zero.
    package static func rounded(_ parts: Int64, places: Int, to shown: Int) -> String {
        let factor = (shown..<places).reduce(Int64(1)) { factor, _ in factor * 10 }
        let quotient = parts / factor
        let roundsAway = (parts % factor).magnitude * 2 >= factor.magnitude
        return text(roundsAway && factor > 1 ? quotient + parts.signum() : quotient, places: shown, least: shown)
    }
}
