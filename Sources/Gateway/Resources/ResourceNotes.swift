import Clocks
import HTTP1
import HTTPClient
import OpenAIAPI
import Policy
import Transport

extension RequestPipeline {
    /// Notes whose resource a response is about, before the client can read it.
    func note(_ answer: ResourceResponse?, _ request: ResourceRequest) async throws(RequestFailure) {
        switch request.action {
        case .create:
            guard let answer else { throw .brokenResponse }
            try await remember(answer, request.kind)
        case .delete(let id):
            // A note that stays does no harm: the file does not exist upstream.
            do throws(StoreUnavailable) { try await gateway.objects.remove(id) } catch { return }
        case .use:
            if let answer, let batch = request.object, answer.id == batch.id { await noteFiles(of: batch, in: answer) }
        case .list, .content: break
        }
    }

    /// Notes the owner of a new resource. If the store cannot, the resource is undone upstream and the client gets an error:
    /// a resource without an owner could not be used, and a batch would cost without being billed.
    private func remember(_ answer: ResourceResponse, _ kind: OwnedResource.Kind) async throws(RequestFailure) {
        guard let key = details.key else { preconditionFailure("a resource is made with a key") }
        let object = OwnedResource(
            id: answer.id, kind: kind, keyID: key.id, team: key.team, createdAt: details.startedAt)
        do throws(StoreUnavailable) {
            try await gateway.objects.add(object)
        } catch {
            exchange.loop.spawn { [snapshot, clock = gateway.clock, loop = exchange.loop] in
                await snapshot.undo(object, on: loop, at: clock)
            }
            throw .storeUnavailable
        }
        if kind == .batch { await noteFiles(of: object, in: answer) }
    }

    /// Notes the files that `batch` has written, and meters it once it has ended. If the store is out of reach, the next look
    /// at the batch does it.
    func noteFiles(of batch: OwnedResource, in answer: ResourceResponse) async {
        do throws(StoreUnavailable) {
            let known = try await gateway.objects.objects(answer.writtenFileIDs)
            for id in answer.writtenFileIDs where known[id] == nil {
                try await gateway.objects.add(
                    OwnedResource(
                        id: id, kind: .file, keyID: batch.keyID, team: batch.team, createdAt: gateway.clock.now,
                        batchID: batch.id))
            }
        } catch { return }
        guard answer.hasEnded, !batch.isMetered, let output = answer.outputFileID else { return }
        gateway.meterSoon(
            BatchQueue.Job(batch: batch, outputFileID: output), on: exchange.loop)
    }
}

extension GatewaySnapshot {
    /// Deletes a file or cancels a batch that was just made. If that fails too, it stays without an owner.
    fileprivate func undo(_ object: OwnedResource, on loop: EventLoop, at clock: any TimeSource) async {
        do throws(UpstreamFailure) {
            switch object.kind {
            case .file: try await ask("DELETE", ResourcePath.file(object.id), on: loop, at: clock).end()
            case .batch:
                try await ask("POST", ResourcePath.cancel(batch: object.id), isIdempotent: false, on: loop, at: clock)
                    .end()
            }
        } catch { return }
    }
}
