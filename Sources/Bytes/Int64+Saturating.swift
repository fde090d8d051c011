/// Arithmetic that never traps, for numbers from outside: clients, the upstream, files and clocks can send any number.
extension Int64 {
    /// The sum, clamped to the range of `Int64`.
    @inlinable
    package func addingSaturated(_ other: Int64) -> Int64 {
        let (sum, overflows) = addingReportingOverflow(other)
        return overflows ? (other < 0 ? .min : .max) : sum
    }

    /// The difference, clamped to the range of `Int64`.
    @inlinable
    package func subtractingSaturated(_ other: Int64) -> Int64 {
        let (difference, overflows) = subtractingReportingOverflow(other)
        return overflows ? (other < 0 ? .max : .min) : difference
    }

    /// The product, clamped to the range of `Int64`.
    @inlinable
    package func multipliedSaturated(by other: Int64) -> Int64 {
        let (product, overflows) = multipliedReportingOverflow(by: other)
        return overflows ? ((self < 0) == (other < 0) ? .max : .min) : product
    }

    /// The number without its fraction, clamped to the range of `Int64`; 0 for what is not a number.
    package init(saturating number: Double) {
        if let exact = Int64(exactly: number.rounded(.towardZero)) {
            self = exact
        } else {
            self = number.isNaN ? 0 : number < 0 ? .min : .max
        }
    }

    /// The quotient by a positive number, rounded down.
    @inlinable
    package func flooredQuotient(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// The quotient by a positive number, rounded up.
    @inlinable
    package func ceilingQuotient(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder > 0 ? quotient + 1 : quotient
    }

    /// `self * factor / divisor` in full width, rounded up and clamped to `0...limit`. Zero if any of the three is not positive.
    package func scaled(by factor: Int64, over divisor: Int64, limit: Int64) -> Int64 {
        guard self > 0, factor > 0, divisor > 0 else { return 0 }
        let product = magnitude.multipliedFullWidth(by: factor.magnitude)
        // The division traps if the quotient has more than 64 bits.
        guard product.high < divisor.magnitude else { return limit }
        let (quotient, remainder) = divisor.magnitude.dividingFullWidth(product)
        guard quotient < limit.magnitude else { return limit }
        return Int64(quotient) + (remainder > 0 ? 1 : 0)
    }
}
