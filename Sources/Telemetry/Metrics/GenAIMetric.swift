import Metrics

/// One histogram about calls of models, by operation, models and at most one attribute of its own.
struct GenAIMetric: Sendable {
    private let name: StaticString
    private let help: StaticString
    private let unit: StaticString
    private let scale: MetricScale
    private let hasOwnLabel: Bool
    private let family: HistogramFamily

    /// A metric without values.
    ///
    /// - Parameters:
    ///   - bounds: the bounds that the conventions advise, in counts or microseconds.
    ///   - label: the name of its own attribute.
    ///   - limit: the bound on its series.
    init(
        _ name: StaticString, _ help: StaticString, _ unit: StaticString, _ scale: MetricScale, bounds: [Int],
        by label: String? = nil, limit: Int
    ) {
        self.name = name
        self.help = help
        self.unit = unit
        self.scale = scale
        hasOwnLabel = label != nil
        // Clients choose the model of a request: the last label is the one that is cut where there are too many series.
        let models = ["gen_ai.response.model", "gen_ai.request.model"]
        family = HistogramFamily(
            labelNames: ["gen_ai.operation.name"] + (label.map { [$0] } ?? []) + models, limit: limit
        ) { Histogram(bounds: bounds) }
    }

    /// Counts `value` of `call`.
    ///
    /// - Parameter label: the value of its own attribute; empty for none.
    func observe(_ value: Int64, of call: GenAIMetrics.Call, _ label: String = "") {
        let labels =
            hasOwnLabel
            ? LabelValues(call.operation, label, call.responseModel, call.requestModel)
            : LabelValues(call.operation, call.responseModel, call.requestModel)
        family.with(labels: labels).observe(Int(value))
    }

    /// All series now. An attribute without a value is left out.
    var snapshot: MetricSnapshot {
        let series = family.sortedChildren.map { row in
            var attributes = Attributes()
            attributes.add(GenAI.provider, GenAI.providerName)
            for (name, value) in zip(family.labelNames, row.values) where !value.isEmpty { attributes.add(name, value) }
            return MetricSnapshot.Series(attributes: attributes, values: row.child.snapshot)
        }
        return MetricSnapshot(name: name, unit: unit, help: help, scale: scale, series: series)
    }
}
