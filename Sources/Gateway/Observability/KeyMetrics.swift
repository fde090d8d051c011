import Metrics
import Policy

/// Usage by key. The number of keys with series of their own is bounded, and may be none.
struct KeyMetrics: Sendable {
    private let isOn: Bool
    private let requests: CounterFamily
    private let tokens: CounterFamily
    private let costs: CounterFamily

    /// Registers the metrics with `registry`, for at most `limit` keys; further ones are `other`.
    init(_ registry: MetricRegistry, limit: Int) {
        isOn = limit > 0
        // A family has room for one series at least.
        let limit = max(1, limit)
        requests = registry.counter(
            "propylon_key_requests_total", "Finished requests, by the public id of their key; see metrics.keys.",
            labels: ["key"], limit: limit)
        tokens = registry.counter(
            "propylon_key_tokens_total", "Tokens, as the ledger has them, by key; see metrics.keys.",
            labels: ["direction", "key"], limit: 2 * limit)
        costs = registry.counter(
            "propylon_key_cost_eur_total", "Cost in euros, as the ledger has it, by key; see metrics.keys.",
            labels: ["key"], limit: limit, scale: .billionthsAsOnes)
    }

    /// Counts a finished request of `record`.
    func addRequest(_ record: UsageRecord) {
        if isOn { requests.with(labels: LabelValues(record.keyID)).add() }
    }

    /// Counts the usage of `record`.
    func addUsage(_ record: UsageRecord) {
        guard isOn else { return }
        let (input, output, cost) = (record.units.inputTokens, record.units.outputTokens, record.cost.amount)
        if input > 0 { tokens.with(labels: LabelValues("input", record.keyID)).add(Int(input)) }
        if output > 0 { tokens.with(labels: LabelValues("output", record.keyID)).add(Int(output)) }
        if cost > 0 { costs.with(labels: LabelValues(record.keyID)).add(Int(cost)) }
    }
}
