import Clocks
import HTTPClient
import OpenAIAPI
import Policy
import Transport

/// Follows batches until they are billed, whether a client asks for them or not: `BatchSchedule` says when, `BatchBilling` how.
extension Gateway {
    /// Continues to follow `batches`, which earlier processes have made. Call it before the first request: their holds count.
    package func resumeBatches(_ batches: [OwnedResource]) {
        let now = clock.monotonic
        for batch in batches { followBatch(batch) }
        self.batches.withLock { $0.readStore(at: now) }
    }

    /// Looks at the batches that are due, in the background, unless it does already. Call it about once a second.
    package func lookAtBatches() {
        guard !isDraining, batches.withLock({ $0.begin(at: clock.monotonic) }) else { return }
        let loop = loops[0]
        loop.spawn { [self] in await lookAtBatches(on: loop) }
    }

    private func lookAtBatches(on loop: EventLoop) async {
        if batches.withLock({ $0.isStoreDue(at: clock.monotonic) }) { await readOpenBatches() }
        while let open = batches.withLock({ $0.next(at: clock.monotonic) }) {
            let look = isDraining ? .failed : await bill(open, on: loop)
            batches.withLock { $0.note(look, of: open.batch.id, at: clock.monotonic) }
        }
    }

    /// Adds the batches that another process has made, as a predecessor does while its connections last.
    private func readOpenBatches() async {
        batches.withLock { $0.readStore(at: clock.monotonic) }
        do throws(StoreUnavailable) {
            for batch in try await objects.openBatches() { followBatch(batch) }
        } catch { return }
    }

    /// Follows `batch` from now on, and returns its entry.
    ///
    /// - Parameter hold: its hold on the limits; nil to hold what its lines say.
    @discardableResult
    func followBatch(_ batch: OwnedResource, hold: LastingHold? = nil) -> BatchSchedule.Entry {
        let now = clock.limitTime
        return batches.withLock { schedule in
            schedule.add(batch, at: clock.monotonic) {
                hold
                    ?? batch.lines.map {
                        limiter.resumeHold($0, keyID: batch.keyID, team: batch.team, keys: keys.keys, at: now)
                    }
            }
        }
    }

    /// Notes the files that `batch` has written, and bills it soon where it has ended. If the store is out of reach, the next look
    /// at the batch notes them.
    func noteFiles(of batch: OwnedResource, in answer: ResourceResponse) async {
        do throws(StoreUnavailable) {
            let known = try await objects.objects(answer.writtenFileIDs)
            for id in answer.writtenFileIDs where known[id] == nil {
                try await objects.add(
                    OwnedResource(
                        id: id, kind: .file, keyID: batch.keyID, team: batch.team, createdAt: clock.now,
                        batchID: batch.id))
            }
        } catch { return }
    }

    /// Bills `batch` soon, which a client was told to have ended.
    func billSoon(_ batch: OwnedResource) {
        guard !batch.isMetered else { return }
        followBatch(batch)
        batches.withLock { $0.hasten(batch.id, at: clock.monotonic) }
        lookAtBatches()
    }
}
