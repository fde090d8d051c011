import Bytes

/// A sum of products that stops at the largest number. Negative counts and prices count as 0.
struct SaturatedSum {
    private(set) var amount: Int64 = 0

    mutating func add(_ count: Int64, at price: Int64) {
        amount = amount.addingSaturated(max(0, count).multipliedSaturated(by: max(0, price)))
    }

    /// Adds input tokens, those at `cachedPrice` among them that were read from a cache, at most all.
    mutating func addInput(_ units: BillableUnits, at price: Int64, cached cachedPrice: Int64) {
        let input = max(0, units.inputTokens)
        let cached = min(max(0, units.cachedTokens), input)
        add(input - cached, at: price)
        add(cached, at: cachedPrice)
    }

    /// Adds output tokens. Reasoning tokens are taken out of the output tokens; should there be more of them, all count.
    mutating func addOutput(_ units: BillableUnits, at price: Int64, reasoning reasoningPrice: Int64) {
        let output = max(0, units.outputTokens)
        let reasoning = max(0, units.reasoningTokens)
        add(output - min(reasoning, output), at: price)
        add(reasoning, at: reasoningPrice)
    }
}
