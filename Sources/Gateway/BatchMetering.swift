import EventLoop
import HTTP1
import HTTPClient
import OpenAIAPI
import Policy

extension Gateway {
    /// Meters `batch`, which has ended, by what it has written to the file `output`: in the background, once.
    ///
    /// What goes wrong on the way leaves it as it was: whoever sees the batch, or reads its file, next has it tried again.
    func meter(_ batch: OwnedObject, output: String?, _ snapshot: GatewaySnapshot, _ loop: EventLoop) {
        let isFirst = batchesInReading.withLock { $0.insert(batch.id).inserted }
        guard isFirst else { return }
        Task(executorPreference: loop) {
            await self.meterNow(batch, output: output, snapshot, loop)
            _ = self.batchesInReading.withLock { $0.remove(batch.id) }
        }
    }

    private func meterNow(_ batch: OwnedObject, output: String?, _ snapshot: GatewaySnapshot, _ loop: EventLoop) async {
        var records: [UsageRecord] = []
        if let output {
            let lines = BatchLines()
            let isWhole = await fetch("/v1/files/\(output)/content", snapshot: snapshot, on: loop) { lines.scan($0) }
            guard isWhole else { return }
            records = lines.finish().sorted { $0.key < $1.key }.map { model, use in
                record(of: batch, model: model.isEmpty ? nil : model, use, snapshot)
            }
        }
        do throws(StoreUnavailable) {
            guard try await objects.meter(batch: batch.id, records), let key = keys.keys[batch.keyID] else { return }
            for record in records {
                for alert in limiter.charge(LimitAmounts(record), to: key, at: .now) { alerts.reached(alert) }
            }
        } catch { return }
    }

    /// The row for what `model` used in `batch`.
    private func record(
        of batch: OwnedObject, model: String?, _ use: BatchOutput.Use, _ snapshot: GatewaySnapshot
    ) -> UsageRecord {
        let now = Timestamp.now
        var record = UsageRecord(
            id: ids.next(at: now), keyID: batch.keyID, team: batch.team, endpoint: Endpoint.batches.rawValue,
            startedAt: now)
        record.upstreamID = batch.id
        record.modelAsked = model
        record.modelServed = model
        record.status = 200
        record.units.inputTokens = use.usage.promptTokens
        record.units.outputTokens = use.usage.completionTokens
        record.units.reasoningTokens = use.usage.reasoningTokens
        record.units.cachedTokens = use.usage.cachedTokens
        record.cost = snapshot.policies.prices.cost(of: record.units, kind: .batch, model: model)
        record.endedAt = now
        return record
    }

    /// What the upstream says of the batch `id`; nil where it does not.
    func batch(_ id: String, snapshot: GatewaySnapshot, on loop: EventLoop) async -> ObjectFacts? {
        var body: [UInt8] = []
        let isWhole = await fetch("/v1/batches/\(id)", snapshot: snapshot, on: loop) { piece in
            piece.withUnsafeBufferPointer { body.append(contentsOf: $0) }
        }
        return isWhole ? ObjectFacts(body.span) : nil
    }

    /// Reads what stands at `target` upstream, on the gateway's own account, and gives its bytes to `body` as they come.
    ///
    /// - Returns: whether it came whole, with status 200.
    func fetch(
        _ target: String, snapshot: GatewaySnapshot, on loop: EventLoop, _ body: (Span<UInt8>) -> Void
    ) async -> Bool {
        var writer = HeadWriter(reusing: [])
        writer.request(method: "GET", target: (snapshot.options.pathPrefix + Array(target.utf8)).span)
        writer.field("host", snapshot.hostField)
        if let key = snapshot.upstreamKeys.next(at: .now) { writer.field("authorization", key.authorization) }
        writer.field("accept-encoding", "identity" as StaticString)
        writer.field("via", "1.1 propylon" as StaticString)
        writer.end()
        do throws(ClientError) {
            let answer = try await snapshot.client(on: loop).send(
                ClientRequest(head: writer.bytes, body: .none, isIdempotent: true))
            defer { answer.end() }
            let fields = answer.head.fields
            let isPlain = fields.first("content-encoding").map { fields.equals($0, "identity") } ?? true
            guard answer.head.status == 200, isPlain else { return false }
            while try await answer.readBody(watching: nil, body) != .end {}
            return true
        } catch { return false }
    }
}

/// The lines of a batch's output while they pass: what cannot be copied cannot be held by a closure, so an object holds it.
private final class BatchLines {
    private var output = BatchOutput()

    func scan(_ bytes: Span<UInt8>) { output.scan(bytes) }

    func finish() -> [String: BatchOutput.Use] {
        output.finish()
        return output.uses
    }
}
