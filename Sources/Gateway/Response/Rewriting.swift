import HTTP1
import HTTPClient
import OpenAIAPI
import Policy

/// A change to a response that the gateway has to read whole before the client gets any of it.
enum Rewriting {
    /// The list of models shows those that the client may use, aliases included.
    case models(ModelFilter)
    /// The description of a model takes Anthropic's form.
    case anthropicModel
    /// The answer about a file or batch passes as it is, once its owner is noted.
    case resource(ResourceRequest)
    /// The list of files or batches shows the client's own.
    case resourceList(ResourceRequest)
}

extension RequestPipeline {
    /// The rewriting of a response with `head`; nil for every response that passes as it comes.
    @inline(never)
    func rewriting(of head: ResponseHead, _ route: MatchedRoute) -> Rewriting? {
        guard (200..<300).contains(head.status), details.method != .head else { return nil }
        if route.endpoint == .models { return modelRewriting(head, route) }
        guard let resource = details.resource else { return nil }
        switch resource.action {
        case .list: return .resourceList(resource)
        case .create, .delete: return .resource(resource)
        case .use: return route.endpoint == .batches && resource.object?.kind == .batch ? .resource(resource) : nil
        case .content: return nil
        }
    }

    /// Reads the response to its end, and makes the body that the client gets of it.
    @inline(never)
    func rewrite(_ response: ClientExchange, _ rewriting: Rewriting, _ route: MatchedRoute) async -> Outcome {
        do throws(RequestFailure) {
            switch rewriting {
            case .models(let filter):
                let list = try await plainBody(of: response, limit: snapshot.options.bodyBytes)
                return whole(try shownModels(list, filter), response)
            case .anthropicModel:
                let model = try await plainBody(of: response, limit: ResourceResponse.byteLimit)
                return whole(anthropicModel(model), response)
            case .resource(let resource):
                let body = try await plainBody(of: response, limit: ResourceResponse.byteLimit)
                try await note(parsed(body), resource)
                return whole(body, response, scanned(body, response.head, route))
            case .resourceList(let resource):
                return whole(try await ownList(from: response, resource, route), response)
            }
        } catch { return outcome(of: error) }
    }

    /// The outcome of a response with the whole `body`.
    @inline(never)
    private func whole(
        _ body: [UInt8], _ response: ClientExchange, _ transform: ResponseTransform? = nil
    ) -> Outcome {
        let head = response.head
        var body = body
        snapshot.secrets.mask(&body)
        return Outcome(
            status: head.status, .complete, .complete(status: head.status, ResponseCounters()),
            .rewritten(head, body: body), metadata: transform?.metadata,
            responseBytes: Int64(body.count))
    }

    private func parsed(_ body: [UInt8]) -> ResourceResponse? { ResourceResponse(body.span) }

    /// A transform that has seen the whole `body`, for the identity that it states.
    private func scanned(_ body: [UInt8], _ head: ResponseHead, _ route: MatchedRoute) -> ResponseTransform {
        let transform = ResponseTransform(
            head, endpoint: route.endpoint, readers: snapshot.eventReaders(on: exchange.loop), hidesUsage: false,
            secrets: snapshot.secrets, isDecoded: true)
        var unused: [UInt8] = []
        transform.receive(body.span, to: &unused)
        transform.finish(to: &unused)
        return transform
    }

    /// The whole body of a response that was asked for uncompressed. The client's departure does not end the reading.
    @inline(never)
    func plainBody(of response: ClientExchange, limit: Int) async throws(RequestFailure) -> [UInt8] {
        do throws(UpstreamFailure) {
            return try await response.plainBody(limit: limit, for: exchange.clientSocket)
        } catch {
            throw .upstream(error)
        }
    }
}
