import Clocks

/// The prices of one model over time. A change holds for requests that begin at its moment or later, so it reprices nothing.
package struct PriceHistory: Sendable, Equatable {
    /// Prices that hold from a moment on.
    package struct Change: Sendable, Equatable {
        /// The first moment.
        package let from: Timestamp
        /// The prices from then on.
        package let prices: ModelPrices

        /// `prices` from `from` on.
        package init(from: Timestamp, _ prices: ModelPrices) {
            self.from = from
            self.prices = prices
        }
    }

    /// The prices before the first change.
    package let first: ModelPrices
    /// The changes, ascending.
    package let changes: [Change]

    /// The prices `first`, and those of `changes` from their moments on.
    package init(_ first: ModelPrices, _ changes: [Change] = []) {
        self.first = first
        self.changes = changes.sorted { $0.from < $1.from }
    }

    /// The prices of a request that begins at `moment`.
    package func prices(at moment: Timestamp) -> ModelPrices {
        // Nearly every history has one price.
        changes.isEmpty ? first : changes.last { $0.from <= moment }?.prices ?? first
    }
}
