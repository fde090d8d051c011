import Clocks
import HTTP1
import HTTPClient
import OpenAIAPI
import Policy
import Transport

extension Gateway {
    /// Bills a batch that has ended: by its output, or by its bounds where the upstream does not have the output any more. A batch
    /// without an output costs nothing, and its file of errors neither.
    ///
    /// Runs on `loop`.
    func bill(_ open: BatchSchedule.Entry, on loop: EventLoop) async -> BatchSchedule.Look {
        do throws(UpstreamFailure) {
            guard let state = try await state(of: open.batch, on: loop) else { return await billMissing(open) }
            guard state.hasEnded else { return .open }
            await noteFiles(of: open.batch, in: state)
            guard let output = state.outputFileID else { return await enter([], of: open) }
            guard let lines = try await readOutput(output, of: open, on: loop) else { return await billMissing(open) }
            return await enter(records(of: lines, open), of: open)
        } catch { return .failed }
    }

    /// The upstream's present state of `batch`; nil where it does not know the batch. Runs on `loop`.
    func state(of batch: OwnedResource, on loop: EventLoop) async throws(UpstreamFailure) -> ResourceResponse? {
        let answer = try await snapshot.ask("GET", ResourcePath.batch(batch.id), on: loop, at: clock)
        defer { answer.end() }
        if answer.isGone { return nil }
        guard answer.head.status == 200 else { throw UpstreamFailure(.truncated, wasSent: true) }
        let body = try await answer.plainBody(limit: ResourceResponse.byteLimit)
        guard let state = ResourceResponse(body.span) else { throw UpstreamFailure(.truncated, wasSent: true) }
        return state
    }

    /// Reads the output file `id` on the gateway's own account, of any size; nil where the upstream does not have it.
    private func readOutput(
        _ id: String, of open: BatchSchedule.Entry, on loop: EventLoop
    ) async throws(UpstreamFailure) -> BatchOutputScanner? {
        let lines = BatchOutputScanner()
        let isThere = try await snapshot.readFile(
            // A coding that could not be read is not asked for again.
            id, coding: open.hasFailed ? "identity" : "gzip", on: loop, at: clock,
            while: { [self] in !isDraining }
        ) { lines.scan($0) }
        guard isThere else { return nil }
        lines.finish()
        return lines
    }

    /// Bills a batch that the upstream has lost, or whose output it has lost, by its bounds; at first it waits for it.
    private func billMissing(_ open: BatchSchedule.Entry) async -> BatchSchedule.Look {
        guard open.misses + 1 >= BatchSchedule.mostMisses else { return .missing }
        guard let models = open.batch.lines?.models, !models.isEmpty else {
            var record = record(of: open.batch, model: nil)
            record.exactness = .estimated
            return await enter([record], of: open)
        }
        let prices = snapshot.policies.prices
        let records = models.map { model, part in
            var record = record(of: open.batch, model: model)
            record.units.inputTokens = part.likelyInputTokens
            record.units.outputTokens = part.outputTokens
            record.exactness = .estimated
            record.cost = prices.cost(of: record.units, kind: .batch, model: model, at: record.startedAt)
            return record
        }
        return await enter(records, of: open)
    }

    /// Puts `records` into the ledger, once, and ends the hold: the key and the team are those of the batch at its creation.
    private func enter(_ records: [UsageRecord], of open: BatchSchedule.Entry) async -> BatchSchedule.Look {
        var isNew = false
        do throws(StoreUnavailable) {
            isNew = try await objects.meter(batch: open.batch.id, records)
        } catch { return .failed }
        let records = isNew ? records : []
        let hold =
            open.hold
            ?? limiter.resumeHold(
                BatchLines(url: nil, models: [:]), keyID: open.batch.keyID, team: open.batch.team, keys: keys.keys,
                at: clock.limitTime)
        let used = records.map { ModelAmounts(model: $0.modelServed, amounts: LimitAmounts($0)) }
        let now = clock.limitTime
        report(limiter.settle(hold, used, at: now), at: now.wall)
        let prices = snapshot.policies.prices
        for record in records {
            metrics.addUsage(of: record)
            if let missing = prices.missingPrice(of: record.modelServed, kind: .batch, at: record.startedAt) {
                report(missing)
            }
        }
        return .billed
    }

    private func records(of lines: BatchOutputScanner, _ open: BatchSchedule.Entry) -> [UsageRecord] {
        let prices = snapshot.policies.prices
        return lines.sums.map { model, sum in
            var record = record(of: open.batch, model: model)
            record.units.inputTokens = sum.promptTokens
            record.units.outputTokens = sum.completionTokens
            record.units.reasoningTokens = sum.reasoningTokens
            record.units.cachedTokens = sum.cachedTokens
            if sum.unstatedLines > 0 {
                record.exactness = .estimated
                let mean = open.batch.lines?.mean(of: model)
                let count = Int64(sum.unstatedLines)
                record.units.inputTokens.add(mean?.input, times: count)
                record.units.outputTokens.add(mean?.output, times: count)
            }
            record.cost = prices.cost(of: record.units, kind: .batch, model: model, at: record.startedAt)
            return record
        }
    }

    private func record(of batch: OwnedResource, model: String?) -> UsageRecord {
        let now = clock.now
        var record = UsageRecord(
            id: ids.next(at: now), keyID: batch.keyID, team: batch.team, endpoint: Endpoint.batches.name,
            startedAt: now)
        record.upstreamID = batch.id
        record.modelAsked = model
        record.modelServed = model
        record.status = 200
        return record
    }
}

extension Int64 {
    fileprivate mutating func add(_ amount: Int64?, times count: Int64) {
        self = addingSaturated((amount ?? 0).multipliedSaturated(by: count))
    }
}

extension RequestPipeline {
    /// Bills `batch` before its output file, the only record of its usage, is deleted.
    @inline(never)
    func billBeforeDeletion(of file: OwnedResource, _ batch: OwnedResource) async throws(RequestFailure) {
        do throws(UpstreamFailure) {
            guard try await gateway.state(of: batch, on: exchange.loop)?.outputFileID == file.id else { return }
        } catch { throw .upstream(error) }
        let look = await gateway.bill(gateway.followBatch(batch), on: exchange.loop)
        gateway.batches.withLock { $0.note(look, of: batch.id, at: gateway.clock.monotonic) }
        switch look {
        case .billed, .missing: return
        case .open, .failed: throw .upstream(UpstreamFailure(.truncated, wasSent: false))
        }
    }
}
