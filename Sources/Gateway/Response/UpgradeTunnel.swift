import HTTP1
import HTTPClient
import HTTPServer
import OpenAIAPI
import Policy
import Transport

extension RequestPipeline {
    /// Passes on the upstream's 101, then frames both ways until the WebSocket is closed.
    ///
    /// The gateway does not read what is said there: usage is the time that it lasted.
    @inline(never)
    func tunnel(_ response: ClientExchange, _ route: MatchedRoute) async -> Outcome {
        let opened: OpenedWebSocket
        do throws(RequestFailure) { opened = try OpenedWebSocket(response, route) } catch { return Outcome(error) }
        defer { opened.upstream.close() }
        details.openedAt = gateway.clock.monotonic
        stage = .tunnel
        let client: ByteStream
        do throws(ExchangeError) {
            client = try await exchange.switchProtocols { writer in
                writeUpgradeFields(response.head, to: &writer)
            } early: { early throws(StreamError) in
                opened.earlyFromClient = Array(0..<early.count, of: early)
            }
        } catch { return outcome(isCancelled ? .cancelled : .clientGone, of: nil) }
        let tunnel = tunnel(between: client, and: opened, route)
        let end = await tunnel.run()
        return outcome(end, of: tunnel)
    }

    @inline(never)
    private func tunnel(
        between client: ByteStream, and opened: OpenedWebSocket, _ route: MatchedRoute
    ) -> WebSocketTunnel {
        let session = WebSocketSession(self, route)
        let tunnel = WebSocketTunnel(
            between: client, and: opened.upstream, compresses: opened.compresses,
            idleTimeout: snapshot.options.tunnelIdleTimeout)
        tunnel.watch { [unowned tunnel] in
            session.reasonToEnd(requestBytes: tunnel.client.passed, responseBytes: tunnel.upstream.passed)
        }
        tunnel.passEarly(opened.earlyFromClient, from: tunnel.client)
        tunnel.passEarly(opened.earlyFromUpstream, from: tunnel.upstream)
        return tunnel
    }

    @inline(never)
    private func outcome(_ end: TunnelEnd, of tunnel: WebSocketTunnel?) -> Outcome {
        details.requestBytes = Int64(tunnel?.client.passed ?? 0)
        let counters = ResponseCounters()
        let isWhole = end.ending == .complete
        return Outcome(
            status: 101, end.ending,
            isWhole ? .complete(status: 101, counters) : .answering(status: 101, counters), .nothing,
            responseBytes: Int64(tunnel?.upstream.passed ?? 0), failure: end.failure, usedUntil: tunnel?.closingSince)
    }
}

/// The upstream's side of a WebSocket that it has agreed to, and what came before the tunnel ran.
private final class OpenedWebSocket {
    let upstream: ByteStream
    let compresses: Bool
    let earlyFromUpstream: [UInt8]
    var earlyFromClient: [UInt8] = []

    /// Takes the connection over from `response`, a 101.
    ///
    /// - Throws: where it is not the agreement to the handshake of `route`. The exchange continues then, and is to be ended.
    init(_ response: ClientExchange, _ route: MatchedRoute) throws(RequestFailure) {
        // A 101 is a response to a handshake alone: the client's connection has checked that.
        guard let handshake = route.handshake, let accept = webSocketAccept(key: handshake.key) else {
            throw .brokenResponse
        }
        do throws(WebSocketHandshake.Refusal) {
            compresses = try handshake.check(response.head, accept: accept)
        } catch { throw .handshake(error) }
        do throws(ClientError) {
            (upstream, earlyFromUpstream) = try response.takeOver()
        } catch { throw .upstream(UpstreamFailure(error, wasSent: true)) }
    }
}
