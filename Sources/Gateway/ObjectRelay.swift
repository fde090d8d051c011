import Clocks
import HTTP1
import HTTPClient
import HTTPServer
import OpenAIAPI
import Policy
import Transport

extension RequestPassage {
    /// How an answer about files or batches is relayed that the gateway has to read before the caller does.
    enum ObjectRelay {
        case single(ResourceRequest)
        case list(ResourceRequest)
    }

    /// nil for an answer that passes like any other: errors, the content of files, and what says nothing about a batch.
    func relay(of answer: UpstreamResponse, about request: ResourceRequest) -> ObjectRelay? {
        guard (200..<300).contains(answer.exchange.head.status), RequestMethod(exchange.head) != .head else {
            return nil
        }
        switch request.action {
        case .list: return .list(request)
        case .create, .delete: return .single(request)
        case .use: return endpoint == .batches && request.object?.kind == .batch ? .single(request) : nil
        case .content: return nil
        }
    }

    /// Reads the answer about one object, notes what it says, and sends it on as it is.
    @inline(never)
    func relayObject(_ answer: ClientExchange, _ request: ResourceRequest, _ route: MatchedRoute) async {
        let body: [UInt8]
        do throws(Departure) {
            body = try await wholeBody(of: answer, limit: ResourceResponse.byteLimit)
            try await note(ResourceResponse(body.span), request)
        } catch { return await depart(error) }
        let view = ResponseTransform(
            answer.head, endpoint: route.endpoint, readers: snapshot.eventReaders(on: exchange.loop), hidesUsage: false)
        var output: [UInt8] = []
        view.take(body.span, to: &output)
        view.finish(to: &output)
        await send(output, as: answer.head, of: view)
    }

    /// Remembers what the answer says, before the caller can read it.
    private func note(_ answer: ResourceResponse?, _ request: ResourceRequest) async throws(Departure) {
        switch request.action {
        case .create:
            guard let answer else { throw .refused(.upstreamProtocol, .upstreamFailed) }
            try await remember(answer, request.kind)
        case .delete(let id):
            // If it stays in the store it does no harm: upstream there is no such file.
            do throws(StoreUnavailable) { try await gateway.objects.remove(id) } catch { return }
        case .use:
            if let answer, let batch = request.object, answer.id == batch.id { await noteFiles(of: batch, in: answer) }
        case .list, .content: break
        }
    }

    /// Whose the new object is. What the store cannot take is undone upstream, and the caller is told that nothing was made: an
    /// object that nobody owns could not be used by anybody, and a batch would cost what nobody is billed.
    private func remember(_ answer: ResourceResponse, _ kind: OwnedResource.Kind) async throws(Departure) {
        guard let record else { preconditionFailure("whoever makes something has a key") }
        let object = OwnedResource(
            id: answer.id, kind: kind, keyID: record.keyID, team: record.team, createdAt: record.startedAt)
        do throws(StoreUnavailable) {
            try await gateway.objects.add(object)
        } catch {
            exchange.loop.spawn { [snapshot, loop = exchange.loop] in await snapshot.undo(object, on: loop) }
            throw .refused(.storeUnavailable, .refused)
        }
        if kind == .batch { await noteFiles(of: object, in: answer) }
    }

    /// Notes which files `batch` has written, which are its maker's, and has it metered if it has ended. Where the store is out
    /// of reach the next look at the batch does it.
    func noteFiles(of batch: OwnedResource, in answer: ResourceResponse) async {
        do throws(StoreUnavailable) {
            let known = try await gateway.objects.objects(answer.writtenFileIDs)
            for id in answer.writtenFileIDs where known[id] == nil {
                try await gateway.objects.add(
                    OwnedResource(
                        id: id, kind: .file, keyID: batch.keyID, team: batch.team, createdAt: .now, batchID: batch.id))
            }
        } catch { return }
        guard answer.hasEnded, !batch.isMetered, let output = answer.outputFileID else { return }
        gateway.meterSoon(
            BatchQueue.Job(batch: batch, outputFileID: output), on: exchange.loop)
    }
}

extension GatewaySnapshot {
    /// Deletes a file, or cancels a batch, that was made a moment ago. If that fails too it stays, without an owner.
    fileprivate func undo(_ object: OwnedResource, on loop: EventLoop) async {
        do throws(UpstreamFailure) {
            switch object.kind {
            case .file: try await ask("DELETE", ResourcePath.file(object.id), on: loop).end()
            case .batch:
                try await ask("POST", ResourcePath.cancel(batch: object.id), isIdempotent: false, on: loop).end()
            }
        } catch { return }
    }
}
