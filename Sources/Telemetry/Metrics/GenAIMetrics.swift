import Metrics

/// The metrics of the semantic conventions for generative AI, as a gateway has them: a server for its clients.
///
/// The conventions are in development: https://github.com/open-telemetry/semantic-conventions-genai, read in November 2026. Names
/// of models come from clients: each metric has a bound on its series.
package final class GenAIMetrics: Sendable {
    /// The call of a model, as its metrics tell it from others.
    package struct Call: Sendable {
        /// `gen_ai.operation.name`
        package var operation: String
        /// `gen_ai.request.model`; empty where none is known.
        package var requestModel = ""
        /// `gen_ai.response.model`; empty where none is known.
        package var responseModel = ""
        /// `error.type`; empty for a success.
        package var error = ""
        /// Microseconds from the request's head to the end of its response.
        package var duration: Int64 = 0
        /// Microseconds from the request's head to the first byte of a streamed response; nil for every other response.
        package var timeToFirstToken: Int64?
        package var inputTokens: Int64 = 0
        package var outputTokens: Int64 = 0

        /// A call of `operation`.
        package init(_ operation: String) { self.operation = operation }
    }

    private let usage: GenAIMetric
    private let durations: GenAIMetric
    private let firstTokens: GenAIMetric
    private let tokenTimes: GenAIMetric

    /// Metrics without a series.
    ///
    /// - Parameter limit: the series of each metric beyond which names of models become `other`: see `MetricFamily`.
    package init(limit: Int = 1000) {
        usage = GenAIMetric(
            "gen_ai.client.token.usage", "Number of input and output tokens used.", "{token}", .one,
            bounds: (0...13).map { 1 << (2 * $0) }, by: "gen_ai.token.type", limit: limit)
        durations = GenAIMetric(
            "gen_ai.server.request.duration", "From a request's head to the end of its response.", "s",
            .microsecondsAsSeconds, bounds: (0...13).map { 10_000 << $0 }, by: "error.type", limit: limit)
        firstTokens = GenAIMetric(
            "gen_ai.server.time_to_first_token", "From a request's head to the first byte of a streamed response.", "s",
            .microsecondsAsSeconds,
            bounds: [
                1_000, 5_000, 10_000, 20_000, 40_000, 60_000, 80_000, 100_000, 250_000, 500_000, 750_000, 1_000_000,
                2_500_000, 5_000_000, 7_500_000, 10_000_000,
            ], limit: limit)
        tokenTimes = GenAIMetric(
            "gen_ai.server.time_per_output_token", "Time of each token of a streamed response after the first one.",
            "s", .microsecondsAsSeconds,
            bounds: [
                10_000, 25_000, 50_000, 75_000, 100_000, 150_000, 200_000, 300_000, 400_000, 500_000, 750_000,
                1_000_000, 2_500_000,
            ], limit: limit)
    }

    /// Counts `call`.
    package func add(_ call: Call) {
        durations.observe(call.duration, of: call, call.error)
        if call.inputTokens > 0 { usage.observe(call.inputTokens, of: call, "input") }
        if call.outputTokens > 0 { usage.observe(call.outputTokens, of: call, "output") }
        // Both are of successful responses alone.
        guard call.error.isEmpty, let first = call.timeToFirstToken else { return }
        firstTokens.observe(first, of: call)
        guard call.outputTokens > 1 else { return }
        tokenTimes.observe(max(0, call.duration - first) / (call.outputTokens - 1), of: call)
    }

    /// The metrics that have values.
    package var snapshots: [MetricSnapshot] {
        [usage, durations, firstTokens, tokenTimes].map(\.snapshot).filter { !$0.series.isEmpty }
    }
}
