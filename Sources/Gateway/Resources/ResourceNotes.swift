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
            // A note that stays does no harm: the resource does not exist upstream.
            do throws(StoreUnavailable) { try await gateway.objects.remove(id) } catch { return }
        case .use:
            if let answer, let batch = request.object, answer.id == batch.id { await noteState(of: batch, answer) }
        case .list, .content: break
        }
    }

    /// Notes the owner of a new resource. If the store cannot, the resource is undone upstream and the client gets an error:
    /// a resource without an owner could not be used, and a batch would cost without being billed.
    private func remember(_ answer: ResourceResponse, _ kind: OwnedResource.Kind) async throws(RequestFailure) {
        guard let key = details.key else { preconditionFailure("a resource is made with a key") }
        var object = OwnedResource(
            id: answer.id, kind: kind, keyID: key.id, team: key.team, createdAt: details.startedAt)
        object.lines = details.resource?.hold?.lines ?? details.metadata?.batch?.input.map { BatchLines($0) }
        guard await keep(object) else { throw .storeUnavailable }
        guard kind == .batch else { return }
        // A creation that is repeated with its idempotency key answers with a batch that is followed already.
        let followed = gateway.followBatch(object, hold: details.resource?.hold)
        if followed.hold === details.resource?.hold { details.resource?.hold = nil }
        await noteState(of: object, answer)
    }

    /// Notes the owner of a response that the upstream stores, before the client can read its id. If the store cannot, the client gets
    /// the response, which it has paid for, and the upstream is asked to forget it.
    @inline(never)
    func noteStoredResponse(_ id: String) async {
        guard let key = details.key else { return }
        _ = await keep(
            OwnedResource(id: id, kind: .response, keyID: key.id, team: key.team, createdAt: details.startedAt))
    }

    /// Stores `object`. Where the store cannot, it is undone upstream, and false is returned.
    private func keep(_ object: OwnedResource) async -> Bool {
        do throws(StoreUnavailable) {
            try await gateway.objects.add(object)
            return true
        } catch {
            exchange.loop.spawn { [snapshot, object, clock = gateway.clock, loop = exchange.loop] in
                await snapshot.undo(object, on: loop, at: clock)
            }
            return false
        }
    }

    /// Notes the files of `batch`, and bills it soon where it has ended.
    func noteState(of batch: OwnedResource, _ answer: ResourceResponse) async {
        await gateway.noteFiles(of: batch, in: answer)
        if answer.hasEnded { gateway.billSoon(batch) }
    }
}

extension GatewaySnapshot {
    /// Deletes a resource or cancels a batch that was just made. If that fails too, it stays without an owner.
    fileprivate func undo(_ object: OwnedResource, on loop: EventLoop, at clock: any TimeSource) async {
        do throws(UpstreamFailure) {
            switch object.kind {
            case .file: try await ask("DELETE", ResourcePath.file(object.id), on: loop, at: clock).end()
            case .response: try await ask("DELETE", ResourcePath.response(object.id), on: loop, at: clock).end()
            case .conversation: try await ask("DELETE", ResourcePath.conversation(object.id), on: loop, at: clock).end()
            case .batch:
                try await ask("POST", ResourcePath.cancel(batch: object.id), isIdempotent: false, on: loop, at: clock)
                    .end()
            }
        } catch { return }
    }
}
