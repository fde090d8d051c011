import Bytes

/// An amount of money in nano-euros (10⁻⁹ EUR). Prices and costs are integers, never floating point.
package struct NanoEuros: Hashable, Comparable, Sendable {
    /// Billionths of a euro.
    package var amount: Int64

    /// `amount` billionths of a euro.
    package init(_ amount: Int64) { self.amount = amount }

    /// No money.
    package static let zero = NanoEuros(0)

    /// As a decimal number of euros without trailing zeros, as `25` or `0.0018`.
    package var decimal: String { DecimalText.text(amount, places: 9) }

    package static func < (left: NanoEuros, right: NanoEuros) -> Bool { left.amount < right.amount }

    /// The sum, saturated.
    package static func + (left: NanoEuros, right: NanoEuros) -> NanoEuros {
        NanoEuros(left.amount.addingSaturated(right.amount))
    }
}
