import Clocks
import HTTP1
import HTTPClient
import OpenAIAPI
import Policy
import Synchronization
import Transport

/// Batches that have ended and are not in the ledger yet: their output files are read one after the other.
struct BatchQueue: Sendable {
    /// A batch, and the file that its answers stand in.
    struct Job: Sendable {
        let batch: OwnedResource
        let outputFileID: String
    }

    /// So many batches wait at most; the next look at a further one asks again.
    private static let limit = 1024
    /// So many files are read at one time.
    private static let readers = 2

    private var known: Set<String> = []
    private var waiting: [Job] = []
    private var readerCount = 0

    /// Takes `job`, unless its batch waits already.
    ///
    /// - Returns: whether one more reader is wanted.
    mutating func add(_ job: Job) -> Bool {
        guard waiting.count < Self.limit, known.insert(job.batch.id).inserted else { return false }
        waiting.append(job)
        guard readerCount < Self.readers else { return false }
        readerCount += 1
        return true
    }

    /// The next one for a reader, who has ended where there is none. `done` is what the reader had before.
    mutating func next(after done: Job?) -> Job? {
        if let done { known.remove(done.batch.id) }
        guard !waiting.isEmpty else {
            readerCount -= 1
            return nil
        }
        return waiting.removeFirst()
    }
}

/// What became of an attempt to meter a batch.
enum BatchOutcome: Sendable {
    /// It is in the ledger.
    case metered
    /// The file is not there.
    case nothingToMeter
    /// The file could not be read to its end.
    case failed
    case storeUnavailable
}

extension Gateway {
    /// Has the batch metered in the background. Should that fail, the next look at it asks again.
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

    /// Reads the file on the gateway's own account, and puts what its lines used into the ledger. Runs on `loop`.
    func meter(_ job: BatchQueue.Job, on loop: EventLoop) async -> BatchOutcome {
        let snapshot = snapshot
        let answer: ClientExchange
        do throws(UpstreamFailure) {
            answer = try await snapshot.ask(
                "GET", ResourcePath.content(ofFile: job.outputFileID), coding: "gzip", on: loop)
        } catch { return .failed }
        defer { answer.end() }
        if answer.head.status == 404 { return .nothingToMeter }
        guard answer.head.status == 200 else { return .failed }
        let view = ResponseTransform(
            answer.head, endpoint: .files, readers: snapshot.eventReaders(on: loop), hidesUsage: false)
        view.batchOutput = BatchOutputScanner()
        let unsent = DiscardingSink(view) { true }
        do throws(ClientError) { _ = try await answer.readBody(into: unsent) } catch { return .failed }
        unsent.finish()
        guard let lines = view.batchOutput else { return .failed }
        return await meter(job.batch, lines, prices: snapshot.policies.prices)
    }

    /// What the upstream says of `batch` now; nil where it does not know it. Runs on `loop`.
    func state(of batch: OwnedResource, on loop: EventLoop) async throws(UpstreamFailure) -> ResourceResponse? {
        let answer = try await snapshot.ask("GET", ResourcePath.batch(batch.id), on: loop)
        defer { answer.end() }
        if answer.head.status == 404 { return nil }
        do throws(ClientError) {
            guard answer.head.status == 200 else { throw .truncated }
            let body = try await answer.readPlainBody(limit: ResourceResponse.byteLimit)
            guard let state = ResourceResponse(body.span) else { throw .truncated }
            return state
        } catch { throw .of(error) }
    }

    /// Puts into the ledger what the lines of `batch` used, and charges its maker's limits with it, unless it is there.
    func meter(_ batch: OwnedResource, _ lines: BatchOutputScanner, prices: PriceList) async -> BatchOutcome {
        let records = lines.sums.map { record(of: $0.value, model: $0.key, batch, prices) }
        do throws(StoreUnavailable) {
            guard try await objects.meter(batch: batch.id, records) else { return .metered }
        } catch { return .storeUnavailable }
        for record in records {
            metrics.addTokens(of: record)
            if let key = keys.keys[batch.keyID] {
                for alert in limiter.charge(LimitAmounts(record), to: key, at: .now) { alerts.reached(alert) }
            }
            if let model = record.modelServed, !prices.knows(model) {
                metrics.unknownModels.add()
                alerts.hasNoPrice(model)
            }
        }
        return .metered
    }

    private func record(
        of sum: BatchOutputScanner.Sum, model: String?, _ batch: OwnedResource, _ prices: PriceList
    ) -> UsageRecord {
        let now = Timestamp.now
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
        record.cost = prices.cost(of: record.units, kind: .batch, model: model)
        return record
    }
}

extension RequestPassage {
    /// A scanner for the answer, where the whole output of a batch passes that is not in the ledger.
    func batchOutput(in answer: UpstreamResponse) -> BatchOutputScanner? {
        guard object?.unmeteredBatch != nil, answer.exchange.head.status == 200, RequestMethod(exchange.head) != .head
        else { return nil }
        return BatchOutputScanner()
    }

    /// The file has passed whole. It is metered if it is the output of a batch that has ended, and not the file of its refusals.
    @inline(never)
    func meterPassed(_ lines: BatchOutputScanner) async {
        guard let object, let file = object.object, let batch = object.unmeteredBatch else { return }
        // Where this fails, or the store is out of reach, the next passage is metered.
        do throws(UpstreamFailure) {
            guard let state = try await gateway.state(of: batch, on: exchange.loop), state.hasEnded,
                state.outputFileID == file.id
            else { return }
        } catch { return }
        _ = await gateway.meter(batch, lines, prices: snapshot.policies.prices)
    }

    /// A file is about to be deleted that `batch` has written. If it is its output, it is the only record of what it used.
    @inline(never)
    func meterBeforeDeletion(of file: OwnedResource, _ batch: OwnedResource) async throws(Departure) {
        do throws(UpstreamFailure) {
            guard try await gateway.state(of: batch, on: exchange.loop)?.outputFileID == file.id else { return }
        } catch { throw departure(error) }
        let job = BatchQueue.Job(batch: batch, outputFileID: file.id)
        switch await gateway.meter(job, on: exchange.loop) {
        case .metered, .nothingToMeter: return
        case .storeUnavailable: throw .refused(.storeUnavailable, .refused)
        case .failed: throw .refused(.upstreamUnreachable, .upstreamFailed)
        }
    }
}
