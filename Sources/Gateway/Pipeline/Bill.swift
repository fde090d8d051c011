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
    /// The model that answered, where that is a dearer one than the request named; nil where the request's counts.
    var answeredBy: String?
}

/// Bills a request by how far it got. The one place that does: settlement, the journal, limits and metrics take their numbers
/// from here.
///
/// - Parameters:
///   - progress: how far the request got.
///   - request: its endpoint, its model, and what was counted of its body.
///   - model: the model that the response names.
///   - moment: the present moment, for what is billed by the time that it lasted.
func bill(
    _ progress: Progress, of request: RequestDetails, answeredBy model: String? = nil, at moment: MonotonicTime
) -> Bill {
    guard let billing = request.endpoint?.billing, request.usesModels else { return Bill() }
    var bill: Bill
    switch progress {
    case .notSent: return Bill()
    case .sent: bill = Bill(unanswered: request, billing)
    case .answering(let status, let response):
        bill = Bill(status, response, isWhole: false, of: request, billing, at: moment)
    case .complete(let status, let response):
        bill = Bill(status, response, isWhole: true, of: request, billing, at: moment)
    }
    if let model, model != request.modelServed { bill.raise(to: model, of: request, billing) }
    return bill
}

extension Bill {
    /// Bills a request that was sent and not answered. Its output is unknown, but for what it may have in the background.
    fileprivate init(unanswered request: RequestDetails, _ billing: Billing) {
        estimate(billing, request.metadata?.counters ?? RequestCounters())
        units.outputTokens = request.backgroundOutputTokens
        cost = request.prices.cost(of: units, kind: billing.serviceKind)
    }

    /// Bills a response, as far as it was seen. Called for each event of a stream.
    init(
        _ status: Int, _ response: ResponseCounters, isWhole: Bool, of request: RequestDetails,
        _ billing: Billing, at moment: MonotonicTime
    ) {
        guard request.usesModels, isSuccess(status) || response.usage?.isStated == true else { return }
        add(
            billing, request.metadata?.counters ?? RequestCounters(), response, isWhole: isWhole,
            background: request.backgroundOutputTokens, minutes: request.minutes(at: moment))
        cost = request.prices.cost(of: units, kind: billing.serviceKind)
    }

    /// Takes the price of `model`, which answered, where a list knows it and it is dearer. Servers write names that no list
    /// has, and a cheaper one is no reason to bill less.
    @inline(never)
    fileprivate mutating func raise(to model: String, of request: RequestDetails, _ billing: Billing) {
        guard request.priceList.knows(model) else { return }
        let other = request.priceList.cost(of: units, kind: billing.serviceKind, model: model, at: request.startedAt)
        guard other > cost else { return }
        cost = other
        answeredBy = model
    }
}

/// Returns true for a status with which the upstream says that it did what was asked: 2xx and 101.
private func isSuccess(_ status: Int) -> Bool { (200..<300).contains(status) || status == 101 }

extension Bill {
    /// Bills a request that was sent and not answered: its input is estimated.
    fileprivate mutating func estimate(_ billing: Billing, _ request: RequestCounters) {
        exactness = .interrupted
        switch billing {
        case .textTokens, .inputTokens, .rerank, .unknown: units.inputTokens = request.estimatedInputTokens
        case .audioMinutes: units.audioMinutes = request.estimatedAudioMinutes
        case .characters: units.characters = request.characters
        case .images: units.images = max(1, request.images)
        // A WebSocket that was never opened has lasted no minute.
        case .connectionMinutes, .free: exactness = .exact
        }
    }

    /// Bills a response, as far as it was seen.
    ///
    /// - Parameter background: output that the upstream may write after the response, which then states no usage.
    fileprivate mutating func add(
        _ billing: Billing, _ request: RequestCounters, _ response: ResponseCounters, isWhole: Bool,
        background: Int64, minutes: Int64
    ) {
        let stated = response.usage.flatMap { $0.isStated ? $0 : nil }
        let unstated: Exactness = isWhole ? .estimated : .interrupted
        switch billing {
        case .textTokens, .unknown:
            addTokens(
                stated, orElse: request.estimatedInputTokens, max(response.estimatedOutputTokens, background),
                total: response.usage?.total, isWhole)
        case .inputTokens, .rerank:
            addTokens(stated, orElse: request.estimatedInputTokens, 0, total: nil, isWhole)
            units.searchUnits = response.usage?.searchUnits ?? 0
        case .audioMinutes:
            if let milliseconds = stated?.audioMilliseconds {
                units.audioMinutes = milliseconds.ceilingQuotient(by: 60_000)
            } else {
                units.audioMinutes = request.estimatedAudioMinutes
                exactness = unstated
            }
        case .characters:
            units.characters = request.characters
            if !isWhole { exactness = .interrupted }
        case .images:
            units.images = response.images > 0 ? response.images : max(1, request.images)
            if response.images == 0 { exactness = unstated }
        case .connectionMinutes:
            units.audioMinutes = minutes
            exactness = unstated
        case .free: break
        }
    }

    /// Adds the tokens that were stated; else estimates.
    ///
    /// - Parameter total: the sum, where that is all that was stated. Output is dearer, so input gets no more than its estimate.
    private mutating func addTokens(
        _ stated: UpstreamUsage?, orElse input: Int64, _ output: Int64, total: Int64?, _ isWhole: Bool
    ) {
        if let stated {
            units.inputTokens = stated.promptTokens
            // Anthropic's first event states the input, and one token of the output.
            units.outputTokens = isWhole ? stated.completionTokens : max(stated.completionTokens, output)
            units.reasoningTokens = stated.reasoningTokens
            units.cachedTokens = stated.cachedTokens
            // Cumulative usage of a stream that broke off is what was billed until then, not the whole.
            exactness = isWhole ? .exact : .interrupted
        } else {
            units.inputTokens = min(input, total ?? input)
            units.outputTokens = total.map { max(0, $0 - input) } ?? output
            exactness = isWhole ? .estimated : .interrupted
        }
    }
}

extension RequestDetails {
    /// The minutes of a connection that have started at `moment`.
    func minutes(at moment: MonotonicTime) -> Int64 {
        moment.microseconds(since: openedAt ?? started) / 60_000_000 + 1
    }
}

extension Bill {
    /// The gap in the price list by which amounts of `request` have no price of their own, which deserves an alarm.
    func missingPrice(of request: RequestDetails) -> MissingPrice? {
        // A model that answered counts only where a list knows it.
        guard answeredBy == nil, let kind = request.endpoint?.billing.serviceKind,
            let missing = request.prices.missingPrice(of: request.modelServed, kind: kind), units != BillableUnits()
        else { return nil }
        return missing
    }
}
