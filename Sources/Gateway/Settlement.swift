import Clocks
import OpenAIAPI
import Policy

extension RequestPassage {
    /// Writes the request's row, once: with the upstream's own numbers where it stated them, else with an estimate.
    ///
    /// - Parameters:
    ///   - view: what was seen of the answer; nil where nothing was.
    ///   - isWhole: whether the answer came to its end.
    @inline(never)
    func settle(
        status: Int, _ ending: Ending, of view: ResponseTransform? = nil, isWhole: Bool = false
    ) {
        guard self.status == 0 else { return }
        self.status = status
        guard var record else { return }
        record.status = status
        record.ending = ending
        record.endedAt = .now
        let answer = view?.facts
        if let view { record.responseBytes = Int64(view.count) }
        record.upstreamID = answer?.id
        record.backend = answer?.backend
        let isAnswered = (200..<300).contains(status) || status == 101
        if let endpoint, record.firstByteAt != nil, isAnswered || answer?.counters.usage?.isStated == true {
            let metering = Metering(
                endpoint: endpoint, request: facts?.counters, answer: answer?.counters ?? ResponseCounters(),
                isWhole: isWhole, lasted: record.endedAt - record.startedAt)
            record.units = metering.units
            record.exactness = metering.exactness
            let prices = snapshot.policies.prices
            record.cost = prices.cost(of: record.units, kind: metering.kind, model: record.modelServed)
            if metering.kind != .free, let model = record.modelServed, !prices.knows(model) {
                gateway.metrics.unknownModels.add()
                gateway.alerts.hasNoPrice(model)
            }
        }
        self.record = record
        settleReservation(record)
        if let entry = inFlight.take() {
            gateway.usage.end(entry, record)
        } else {
            gateway.usage.record(record)
        }
    }

    /// Notes in the journal what was seen of the answer until now: it becomes the row, should the process die.
    ///
    /// - Returns: whether the answer may go on: false for a stream beyond its reservation whose tier says that it is to be stopped.
    @inline(never)
    func noteProgress(status: Int, of view: ResponseTransform) -> Bool {
        guard let endpoint, let amounts = view.amounts, (200..<300).contains(status) else { return true }
        let metering = Metering(
            endpoint: endpoint, request: facts?.counters, answer: amounts, isWhole: false, lasted: .zero)
        switch inFlight {
        case .some(let entry):
            let prices = snapshot.policies.prices
            // Single members: the record as a whole would be copied, its texts retained, for each event of a stream.
            gateway.usage.progress(
                entry,
                UsageProgress(
                    status: status, units: metering.units,
                    cost: prices.cost(of: metering.units, kind: metering.kind, model: record?.modelServed),
                    firstByteAt: record?.firstByteAt, requestBytes: record?.requestBytes ?? 0,
                    responseBytes: Int64(view.count), streamed: record?.streamed ?? false))
        case .none: break
        }
        return mayGoOn(at: metering.units.outputTokens)
    }
}

/// What an answer is billed as, from what was seen of it.
struct Metering {
    var units = BillableUnits()
    var exactness = Exactness.exact
    var kind: ServiceKind { endpoint.serviceKind }
    private let endpoint: Endpoint

    init(endpoint: Endpoint, request: RequestCounters?, answer: ResponseCounters, isWhole: Bool, lasted: Duration) {
        self.endpoint = endpoint
        let stated = answer.usage.flatMap { $0.isStated ? $0 : nil }
        switch endpoint {
        case .chatCompletions, .completions:
            take(stated, input: request?.estimatedInputTokens, output: answer.estimatedOutputTokens, isWhole)
        case .embeddings: take(stated, input: request?.estimatedInputTokens, output: 0, isWhole)
        case .other: if stated != nil { take(stated, input: nil, output: 0, isWhole) }
        case .rerank:
            units.inputTokens = request?.estimatedInputTokens ?? 0
            units.searchUnits = stated?.searchUnits ?? 0
            exactness = .estimated
        case .transcriptions, .translations:
            if let milliseconds = stated?.audioMilliseconds {
                units.audioMinutes = (milliseconds + 59_999) / 60_000
            } else {
                units.audioMinutes = request?.estimatedAudioMinutes ?? 1
                exactness = .estimated
            }
        case .speech:
            units.characters = Int64(request?.inputScalars ?? 0)
            if !isWhole { exactness = .interrupted }
        case .images:
            units.images = answer.images > 0 ? answer.images : request?.images ?? 1
            if answer.images == 0 { exactness = isWhole ? .estimated : .interrupted }
        case .realtime:
            units.audioMinutes = (lasted.components.seconds + 60) / 60
            exactness = isWhole ? .estimated : .interrupted
        case .models, .files, .batches: break
        }
    }

    /// The tokens that were stated; else estimates.
    private mutating func take(_ stated: UpstreamUsage?, input: Int64?, output: Int64, _ isWhole: Bool) {
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
