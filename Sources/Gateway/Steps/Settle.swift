import Clocks
import OpenAIAPI
import Policy

extension RequestPipeline {
    /// Writes the request's row: with the upstream's own numbers where it stated them, else with an estimate. Called once,
    /// before the last byte of the response leaves.
    @inline(never)
    func settle(_ outcome: Outcome) {
        list.remove(self)
        if let resource = details.resource { releaseHold(of: resource) }
        watchStore(outcome.failure)
        let now = gateway.clock.limitTime
        details.ended = gateway.clock.monotonic
        let bill = bill(
            outcome.progress, of: details, answeredBy: outcome.metadata?.model,
            at: outcome.usedUntil ?? details.ended)
        guard let row = row(of: outcome, bill) else { return }
        details.row = row
        guard let open = openRequest.take() else { return gateway.usage.record(row.record) }
        let alerts = open.settle(row.record, in: gateway.usage, gateway.limiter, at: now)
        gateway.queue.admit(at: now)
        gateway.report(alerts, at: now.wall)
        if let missing = bill.missingPrice(of: details) { gateway.report(missing) }
        if bill.exactness == .estimated, outcome.metadata?.counters.hasUnreadUsage == true {
            gateway.warnings.hasUnreadUsage(row.record.endpoint)
        }
    }

    /// The row of the request, which ended with `outcome`; nil where its key is not known.
    private func row(of outcome: Outcome, _ bill: Bill) -> RequestDetails.Row? {
        guard let key = details.key else { return nil }
        var record = details.record(bill, of: key)
        record.status = outcome.status
        record.ending = outcome.ending
        if let failure = outcome.failure {
            record.cause = failure.cause
            record.refusedBy = failure.limit
        }
        record.requestBytes = details.requestBytes
        record.responseBytes = outcome.responseBytes
        record.firstByteAt = details.firstByteAt
        record.endedAt = details.timestamp(of: details.ended)
        record.upstreamID = outcome.metadata?.id
        record.backend = outcome.metadata?.backend
        // It counts as a request where it may have been sent, however it ended.
        if openRequest != nil { record.countsAsRequest = outcome.progress.wasSent }
        return RequestDetails.Row(record)
    }

    /// Notes that the store served the request, or that the request was refused because of it.
    private func watchStore(_ failure: RequestFailure?) {
        guard let failure else { return gateway.storeWatch.succeeded(at: exchange.loop.now, gateway.clock) }
        guard failure.cause == .storeUnavailable else { return }
        gateway.storeWatch.failed(
            .storeUnavailable, .storeUnavailable, detail: gateway.usage.trouble ?? failure.detail, at: gateway.clock)
    }

    /// Notes in the journal what was seen of the response until now: it becomes the row, should the process die.
    ///
    /// - Returns: false where the stream has exceeded its reservation and its tier's `overrun` is `stop`.
    @inline(never)
    func noteProgress(status: Int, of transform: ResponseTransform) -> Bool {
        guard let counters = transform.counters, (200..<300).contains(status), let billing = details.endpoint?.billing
        else { return true }
        // The pieces of `bill`, without a copy of the counters for each event.
        let bill = Bill(status, counters, isWhole: false, of: details, billing, at: details.started)
        var needsMore = false
        switch openRequest {
        case .some(let open):
            gateway.usage.progress(
                open.slot, details.progress(bill, status: status, responseBytes: Int64(transform.passed)))
            needsMore = bill.units.outputTokens > open.outputAllowance
        case .none: break
        }
        return needsMore ? extend(to: bill.units.outputTokens) : true
    }

    /// Extends the reservation of a stream without a bound.
    @inline(never)
    private func extend(to outputTokens: Int64) -> Bool {
        guard var open = openRequest.take() else { return true }
        let overrun = open.extend(to: outputTokens, by: gateway.limiter, at: gateway.clock.limitTime)
        openRequest = consume open
        guard let overrun else { return true }
        gateway.metrics.overruns.add()
        return overrun != .stop
    }
}

extension Gateway {
    /// Warns of a service without its own price.
    func report(_ missing: MissingPrice) {
        metrics.unknownModels.add()
        warnings.hasNoPrice(missing)
    }
}
