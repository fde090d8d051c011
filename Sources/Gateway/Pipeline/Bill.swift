import Bytes
import Clocks
import OpenAIAPI
import Policy

/// The amounts that a request is billed for.
struct Bill: Equatable {
    /// The amounts, in the units of the endpoint.
    var units = BillableUnits()
    /// Says whether the amounts are the upstream's own.
    var exactness = Exactness.exact
    /// The price of the amounts.
    var cost = NanoEuros.zero
}

/// Bills a request by how far it got. The one place that does: settlement, the journal, limits and metrics take their numbers
/// from here.
///
/// - Parameters:
///   - progress: how far the request got.
///   - request: its endpoint, its model, and what was counted of its body.
///   - prices: the price list of the request's snapshot.
///   - moment: the present moment, for what is billed by the time that it lasted.
func bill(
    _ progress: Progress, of request: RequestDetails, prices: PriceList, at moment: MonotonicTime
) -> Bill {
    var bill = Bill()
    guard let endpoint = request.endpoint else { return bill }
    switch progress {
    case .notSent: return bill
    // Sending a read twice does what sending it once does: it uses nothing.
    case .sent: if request.isLimited { bill.estimate(endpoint, request.metadata?.amounts) }
    case .answering(let status, let response):
        guard isSuccess(status) || response.usage?.isStated == true else { return bill }
        bill.add(endpoint, request.metadata?.amounts, response, isWhole: false, request, at: moment)
    case .complete(let status, let response):
        guard isSuccess(status) || response.usage?.isStated == true else { return bill }
        bill.add(endpoint, request.metadata?.amounts, response, isWhole: true, request, at: moment)
    }
    bill.cost = prices.cost(of: bill.units, kind: endpoint.serviceKind, model: request.modelServed)
    return bill
}

/// Returns true for a status with which the upstream says that it did what was asked: 2xx and 101.
private func isSuccess(_ status: Int) -> Bool { (200..<300).contains(status) || status == 101 }

extension Bill {
    /// Bills a request that was sent and not answered: its input is estimated, its output unknown.
    fileprivate mutating func estimate(_ endpoint: Endpoint, _ request: RequestCounters?) {
        exactness = .interrupted
        switch endpoint {
        case .chatCompletions, .completions, .embeddings, .rerank, .other:
            units.inputTokens = request?.estimatedInputTokens ?? 0
        case .transcriptions, .translations: units.audioMinutes = request?.estimatedAudioMinutes ?? 1
        case .speech: units.characters = Int64(request?.inputScalars ?? 0)
        case .images: units.images = request?.images ?? 1
        // A WebSocket that was never opened has lasted no minute.
        case .realtime: exactness = .exact
        case .models, .files, .batches: exactness = .exact
        }
    }

    /// Bills a response, as far as it was seen.
    fileprivate mutating func add(
        _ endpoint: Endpoint, _ request: RequestCounters?, _ response: ResponseCounters, isWhole: Bool,
        _ details: RequestDetails, at moment: MonotonicTime
    ) {
        let stated = response.usage.flatMap { $0.isStated ? $0 : nil }
        switch endpoint {
        case .chatCompletions, .completions:
            addTokens(stated, request?.estimatedInputTokens, response.estimatedOutputTokens, isWhole)
        case .embeddings: addTokens(stated, request?.estimatedInputTokens, 0, isWhole)
        case .other: if stated != nil || !isWhole { addTokens(stated, request?.estimatedInputTokens, 0, isWhole) }
        case .rerank:
            units.inputTokens = request?.estimatedInputTokens ?? 0
            units.searchUnits = stated?.searchUnits ?? 0
            exactness = isWhole ? .estimated : .interrupted
        case .transcriptions, .translations:
            if let milliseconds = stated?.audioMilliseconds {
                units.audioMinutes = milliseconds.addingSaturated(59_999) / 60_000
            } else {
                units.audioMinutes = request?.estimatedAudioMinutes ?? 1
                exactness = isWhole ? .estimated : .interrupted
            }
        case .speech:
            units.characters = Int64(request?.inputScalars ?? 0)
            if !isWhole { exactness = .interrupted }
        case .images:
            units.images = response.images > 0 ? response.images : request?.images ?? 1
            if response.images == 0 { exactness = isWhole ? .estimated : .interrupted }
        case .realtime:
            units.audioMinutes = moment.microseconds(since: details.started) / 60_000_000 + 1
            exactness = isWhole ? .estimated : .interrupted
        case .models, .files, .batches: break
        }
    }

    /// Adds the tokens that were stated; else estimates.
    private mutating func addTokens(_ stated: UpstreamUsage?, _ input: Int64?, _ output: Int64, _ isWhole: Bool) {
        if let stated {
            units.inputTokens = stated.promptTokens
            units.outputTokens = stated.completionTokens
            units.reasoningTokens = stated.reasoningTokens
            units.cachedTokens = stated.cachedTokens
            // Cumulative usage of a stream that broke off is what was billed until then, not the whole.
            exactness = isWhole ? .exact : .interrupted
        } else {
            units.inputTokens = input ?? 0
            units.outputTokens = output
            exactness = isWhole ? .estimated : .interrupted
        }
    }
}

extension Bill {
    /// Returns true where the amounts are priced by the model, so that a model without a price deserves an alarm.
    func isPriced(for request: RequestDetails) -> Bool {
        guard let endpoint = request.endpoint, endpoint.serviceKind != .free else { return false }
        return units != BillableUnits()
    }
}
