import Bytes
import Clocks

/// The lines of a batch's input file, as far as limits and prices need them. Kept with the file, and with each batch of it.
package struct BatchLines: Sendable, Equatable, Codable {
    /// The lines of one model, in sums.
    package struct Part: Sendable, Equatable, Codable {
        /// Requests.
        package var lines: Int64 = 0
        /// Input tokens that are rarely exceeded.
        package var likelyInputTokens: Int64 = 0
        /// Input tokens that cannot be exceeded.
        package var mostInputTokens: Int64 = 0
        /// Output tokens of the lines with a bound.
        package var outputTokens: Int64 = 0
        /// Outputs of the lines without a bound.
        package var unboundedOutputs: Int64 = 0
        /// The most output tokens that one line asks for; nil in lines that an earlier version has read.
        package var largestOutput: Int64?

        /// No lines.
        package init() {}
    }

    /// The path that the first line asks for, as `/v1/chat/completions`; nil for a file without lines.
    package var url: String?
    /// The lines of each model.
    package var models: [String: Part]
    /// The most output tokens that one line asks for.
    package var largestOutput: Int64
    /// The fault of the first line that cannot be judged, with its number; nil where all can be.
    package var fault: String?

    /// Lines with these facts.
    package init(url: String?, models: [String: Part], largestOutput: Int64 = 0, fault: String? = nil) {
        self.url = url
        self.models = models
        self.largestOutput = largestOutput
        self.fault = fault
    }

    /// The same lines with a bound for each output that has none: `tokens` of its model.
    func bounded(outputTokens tokens: (_ model: String) -> Int64) -> BatchLines {
        var lines = self
        for (model, part) in models {
            var part = part
            let tokens = tokens(model)
            part.outputTokens = part.outputTokens.addingSaturated(part.unboundedOutputs.multipliedSaturated(by: tokens))
            part.unboundedOutputs = 0
            lines.models[model] = part
        }
        return lines
    }

    /// The mean of the likely most that a line of `model` uses; of all lines where the file has none of that model. Nil without lines.
    package func mean(of model: String?) -> (input: Int64, output: Int64)? {
        let parts = model.flatMap { models[$0] }.map { [$0] } ?? Array(models.values)
        func sum(_ member: KeyPath<Part, Int64>) -> Int64 {
            parts.reduce(0) { $0.addingSaturated($1[keyPath: member]) }
        }
        let lines = sum(\.lines)
        guard lines > 0 else { return nil }
        return (
            sum(\.likelyInputTokens).ceilingQuotient(by: lines), sum(\.outputTokens).ceilingQuotient(by: lines)
        )
    }

    /// The most that the lines of each model can use, at the `prices` of `moment`. Outputs without a bound count as nothing.
    func most(_ prices: PriceList, at moment: Timestamp) -> [ModelAmounts] {
        models.map { model, part in
            let price = prices.prices(of: model, at: moment).values
            var units = BillableUnits()
            units.inputTokens = max(part.mostInputTokens, part.likelyInputTokens)
            units.outputTokens = part.outputTokens
            // All output counts as the most expensive kind.
            var reasoning = units
            reasoning.reasoningTokens = part.outputTokens
            let cost = [units, reasoning, price.dearest(units)].map { price.cost(of: $0, kind: .batch) }.max() ?? .zero
            return ModelAmounts(
                model: model,
                amounts: .sum(
                    requests: 0, tokens: part.likelyInputTokens.addingSaturated(part.outputTokens),
                    outputTokens: part.outputTokens, cost: cost.amount))
        }
    }
}
