import HTTP1
import HTTPClient
import HTTPServer
import OpenAIAPI
import Policy

/// The upstream's response, of which nothing has been sent on yet.
struct UpstreamResponse {
    let exchange: ClientExchange
    /// True where the gateway asked for a stream's usage on its own account.
    let hidesUsage: Bool

    /// True where the connection speaks another protocol from now on: 101 (Switching Protocols).
    var isSwitch: Bool { @inline(never) get { exchange.head.status == 101 } }

    /// True where it continues a stream of events that has begun.
    var continuesStream: Bool {
        let fields = exchange.head.fields
        return exchange.head.status == 200 && fields.declareEventStream && fields.contentCoding == .identity
    }
}

/// A request as it goes upstream, but for the head, which names the upstream's key.
private final class OutgoingRequest {
    let route: MatchedRoute
    let admission: Admission
    let body: ClientRequest.Body
    let bodyLength: Int

    init(_ route: MatchedRoute, _ admission: Admission, _ content: (body: ClientRequest.Body, length: Int)) {
        self.route = route
        self.admission = admission
        body = content.body
        bodyLength = content.length
    }
}

extension RequestPipeline {
    /// Sends the request upstream, and waits for the head of the response.
    @inline(never)
    func forward(
        _ body: BodyStore, _ admission: Admission, _ route: MatchedRoute
    ) async throws(RequestFailure) -> UpstreamResponse {
        let outgoing = outgoing(body, admission, route)
        let response: ClientExchange
        do throws(UpstreamFailure) {
            response = try await snapshot.send(
                on: exchange.loop, at: gateway.clock, mayFallBack: route.upstreamEndpoint.mayFallBack
            ) { clientRequest(outgoing, to: $0) }
        } catch { throw .upstream(error) }
        return UpstreamResponse(exchange: response, hidesUsage: admission.asksForUsage)
    }

    @inline(never)
    private func outgoing(_ body: BodyStore, _ admission: Admission, _ route: MatchedRoute) -> OutgoingRequest {
        if details.refusalIfServed != nil { return OutgoingRequest(route, admission, (.none, 0)) }
        let edits =
            details.metadata?.edits(
                servedModel: admission.servedModel, askForUsage: admission.asksForUsage,
                outputBound: admission.outputBound) ?? RequestEdits()
        return OutgoingRequest(route, admission, body.outgoing(edits))
    }

    @inline(never)
    private func clientRequest(_ outgoing: OutgoingRequest, to target: UpstreamTarget) -> ClientRequest {
        let method = details.method
        let endpoint = outgoing.route.endpoint
        let resource = details.resource
        let head = upstreamHead(
            outgoing.route, bodyLength: outgoing.bodyLength, to: target,
            mayCompress: !details.streams && endpoint != .models && resource?.isRead != true
                && outgoing.route.dialect == nil,
            model: outgoing.admission.servedModel)
        let request = ClientRequest(
            head: head, body: outgoing.body, isHEAD: method == .head,
            isIdempotent: method.isIdempotent && endpoint.repeatsIdempotentMethods,
            asksForUpgrade: outgoing.route.handshake != nil, clientSocket: exchange.clientSocket,
            probe: snapshot.options.onDisconnect == .finish || resource?.action == .create ? nil : self)
        stage = .sending(request)
        return request
    }
}

extension RequestPipeline: ClientProbe {
    func probeClient() {
        // A failure makes the client's socket broken, which ends the wait.
        do throws(ExchangeError) { try exchange.probeClient() } catch { return }
    }
}
