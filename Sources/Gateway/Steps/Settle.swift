import Clocks
import OpenAIAPI
import Policy

extension RequestPipeline {
    /// Writes the request's row: with the upstream's own numbers where it stated them, else with an estimate. Called once,
    /// before the last byte of the response leaves.
    ///
    /// - Returns: the row; nil where nobody is known whom it could belong to.
    @inline(never)
    func settle(_ outcome: Outcome) -> UsageRecord? {
        let now = gateway.clock.monotonic
        let prices = snapshot.policies.prices
        let bill = bill(outcome.progress, of: details, prices: prices, lasted: now - details.started)
        guard var record = details.record(bill, at: now) else { return nil }
        record.status = outcome.status
        record.ending = outcome.ending
        record.responseBytes = outcome.responseBytes
        let metadata = outcome.transform?.metadata
        record.upstreamID = metadata?.id
        record.backend = metadata?.backend
        if bill.isPriced(for: details), let model = record.modelServed, !prices.knows(model) {
            gateway.metrics.unknownModels.add()
            gateway.alerts.hasNoPrice(model)
        }
        guard let open = open.take() else {
            gateway.usage.record(record)
            return record
        }
        record.countsAsRequest = details.isLimited && LimitOutcome(record) != .nothing
        for alert in open.settle(record, in: gateway.usage, gateway.limiter, at: gateway.clock.limitTime) {
            gateway.alerts.reached(alert)
        }
        return record
    }

    /// Notes in the journal what was seen of the response until now: it becomes the row, should the process die.
    ///
    /// - Returns: false where the stream has exceeded its reservation and its tier's `overrun` is `stop`.
    @inline(never)
    func noteProgress(status: Int, of transform: ResponseTransform) -> Bool {
        guard let counters = transform.counters, (200..<300).contains(status) else { return true }
        let bill = bill(
            .answering(status: status, counters), of: details, prices: snapshot.policies.prices, lasted: .zero)
        var needsMore = false
        switch open {
        case .some(let open):
            var progress = UsageProgress(
                status: status, units: bill.units, cost: bill.cost, firstByteAt: details.firstByteAt,
                requestBytes: details.requestBytes, responseBytes: Int64(transform.count), streamed: details.streams)
            progress.countsAsRequest = details.isLimited
            gateway.usage.progress(open.slot, progress)
            needsMore = bill.units.outputTokens > open.outputAllowance
        case .none: break
        }
        return needsMore ? extend(to: bill.units.outputTokens) : true
    }

    /// Extends the reservation of a stream that has no bound of its own.
    @inline(never)
    private func extend(to outputTokens: Int64) -> Bool {
        guard var open = open.take() else { return true }
        let overrun = open.extend(to: outputTokens, by: gateway.limiter, at: gateway.clock.limitTime)
        self.open = consume open
        guard let overrun else { return true }
        gateway.metrics.overruns.add()
        return overrun != .stop
    }
}
