import Clocks
import HTTP1
import HTTPClient
import OpenAIAPI
import Policy
import Synchronization
import Transport

/// The result of an attempt to meter a batch.
enum BatchOutcome: Sendable {
    /// The batch is in the ledger.
    case metered
    /// The output file does not exist.
    case nothingToMeter
    /// The output file could not be read to its end.
    case failed
    case storeUnavailable
}

extension Gateway {
    /// Meters the batch in the background. After a failure, the next look at the batch tries again.
    func meterSoon(_ job: BatchQueue.Job, on loop: EventLoop) {
        guard !isDraining, batches.withLock({ $0.add(job) }) else { return }
        loop.spawn { [self] in
            var job = batches.withLock { $0.next(after: nil) }
            while let present = job {
                _ = await meter(present, on: loop)
                job = batches.withLock { $0.next(after: present) }
            }
        }
    }

    /// Reads the output file on the gateway's own account, and bills its lines. Runs on `loop`.
    func meter(_ job: BatchQueue.Job, on loop: EventLoop) async -> BatchOutcome {
        let snapshot = snapshot
        let answer: ClientExchange
        do throws(UpstreamFailure) {
            answer = try await snapshot.ask(
                "GET", ResourcePath.content(ofFile: job.outputFileID), coding: "gzip", on: loop, at: clock)
        } catch { return .failed }
        defer { answer.end() }
        if answer.head.status == 404 { return .nothingToMeter }
        guard answer.head.status == 200 else { return .failed }
        let view = ResponseTransform(
            answer.head, endpoint: .files, readers: snapshot.eventReaders(on: loop), hidesUsage: false,
            secrets: snapshot.secrets)
        view.batchOutput = BatchOutputScanner()
        let unsent = DiscardingSink(view) { true }
        do throws(ClientError) { _ = try await answer.readBody(into: unsent) } catch { return .failed }
        unsent.finish()
        guard let lines = view.batchOutput else { return .failed }
        return await meter(job.batch, lines, prices: snapshot.policies.prices)
    }

    /// The upstream's present state of `batch`; nil where it does not know the batch. Runs on `loop`.
    func state(of batch: OwnedResource, on loop: EventLoop) async throws(UpstreamFailure) -> ResourceResponse? {
        let answer = try await snapshot.ask("GET", ResourcePath.batch(batch.id), on: loop, at: clock)
        defer { answer.end() }
        if answer.head.status == 404 { return nil }
        guard answer.head.status == 200 else { throw UpstreamFailure(.truncated, wasSent: true) }
        let body = try await answer.plainBody(limit: ResourceResponse.byteLimit)
        guard let state = ResourceResponse(body.span) else { throw UpstreamFailure(.truncated, wasSent: true) }
        return state
    }

    /// Puts the usage of the lines of `batch` into the ledger, and charges its owner's limits; once.
    func meter(_ batch: OwnedResource, _ lines: BatchOutputScanner, prices: PriceList) async -> BatchOutcome {
        let records = lines.sums.map { record(of: $0.value, model: $0.key, batch, prices) }
        do throws(StoreUnavailable) {
            guard try await objects.meter(batch: batch.id, records) else { return .metered }
        } catch { return .storeUnavailable }
        for record in records {
            metrics.addTokens(of: record)
            if let key = keys.keys[batch.keyID] {
                for alert in limiter.charge(LimitAmounts(record), to: key, at: clock.limitTime) {
                    alerts.reached(alert)
                }
            }
            reportMissingPrice(of: record, in: prices)
        }
        return .metered
    }

    private func record(
        of sum: BatchOutputScanner.Sum, model: String?, _ batch: OwnedResource, _ prices: PriceList
    ) -> UsageRecord {
        let now = clock.now
        var record = UsageRecord(
            id: ids.next(at: now), keyID: batch.keyID, team: batch.team, endpoint: Endpoint.batches.name,
            startedAt: now)
        record.upstreamID = batch.id
        record.modelAsked = model
        record.modelServed = model
        record.status = 200
        record.units.inputTokens = sum.promptTokens
        record.units.outputTokens = sum.completionTokens
        record.units.reasoningTokens = sum.reasoningTokens
        record.units.cachedTokens = sum.cachedTokens
        record.exactness = sum.unstatedLines == 0 ? .exact : .estimated
        record.cost = prices.cost(of: record.units, kind: .batch, model: model, at: record.startedAt)
        return record
    }
}

extension RequestPipeline {
    /// A scanner for a response that is the whole output of a batch which is not in the ledger.
    func batchOutput(status: Int) -> BatchOutputScanner? {
        guard details.resource?.unmeteredBatch != nil, status == 200, details.method != .head
        else { return nil }
        return BatchOutputScanner()
    }

    /// Bills a file that has passed whole, if it is the output of a batch that has ended, and not its file of errors.
    @inline(never)
    func meterPassed(_ lines: BatchOutputScanner) async {
        guard let resource = details.resource, let file = resource.object, let batch = resource.unmeteredBatch else {
            return
        }
        // After a failure the next download is billed.
        do throws(UpstreamFailure) {
            guard let state = try await gateway.state(of: batch, on: exchange.loop), state.hasEnded,
                state.outputFileID == file.id
            else { return }
        } catch { return }
        _ = await gateway.meter(batch, lines, prices: snapshot.policies.prices)
    }

    /// Bills `batch` before its output file, the only record of its usage, is deleted.
    @inline(never)
    func meterBeforeDeletion(of file: OwnedResource, _ batch: OwnedResource) async throws(RequestFailure) {
        do throws(UpstreamFailure) {
            guard try await gateway.state(of: batch, on: exchange.loop)?.outputFileID == file.id else { return }
        } catch { throw .upstream(error) }
        let job = BatchQueue.Job(batch: batch, outputFileID: file.id)
        switch await gateway.meter(job, on: exchange.loop) {
        case .metered, .nothingToMeter: return
        case .storeUnavailable: throw .storeUnavailable
        case .failed: throw .upstream(UpstreamFailure(.truncated, wasSent: false))
        }
    }
}
