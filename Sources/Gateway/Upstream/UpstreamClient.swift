import Clocks
import HTTP1
import HTTPClient
import Policy
import Transport

extension GatewaySnapshot {
    /// Sends what `request` makes of an upstream and one of its keys. Tries the next one where nothing can have been billed: the
    /// key is refused or has used up its limits, or the upstream is out of reach.
    ///
    /// - Parameter mayFallBack: true for a request that every upstream can serve: it is about nothing that one of them keeps.
    func send(
        on loop: EventLoop, at clock: any TimeSource, mayFallBack: Bool, _ request: (UpstreamTarget) -> ClientRequest
    ) async throws(UpstreamFailure) -> ClientExchange {
        let attempts = attempts(mayFallBack: mayFallBack, at: clock)
        var target = attempts?.target ?? UpstreamTarget(upstream, upstream.keys.next(at: clock.monotonic))
        while true {
            let request = request(target)
            let response: ClientExchange
            do throws(ClientError) {
                response = try await target.upstream.client(on: loop).send(request)
            } catch {
                target.failed(error, at: clock)
                guard let next = attempts?.next(after: error, wasSent: request.wasSent) else {
                    throw UpstreamFailure(error, wasSent: request.wasSent)
                }
                target = next
                continue
            }
            target.answered(response.head.status, at: loop.now, clock)
            guard let next = attempts?.next(after: response.head) else {
                guard response.head.status == 401, target.key != nil else { return response }
                response.end()
                throw .keysRefused
            }
            response.end()
            target = next
        }
    }

    /// The attempts of a request; nil where there is but one way to send it.
    @inline(never)
    private func attempts(mayFallBack: Bool, at clock: any TimeSource) -> UpstreamAttempts? {
        let fallbacks = mayFallBack ? fallbacks : []
        guard upstream.keys.count > 1 || !fallbacks.isEmpty else { return nil }
        return UpstreamAttempts(upstream, fallbacks: fallbacks, at: clock)
    }

    /// Sends a request of the gateway's own, without a body, to `path` of the upstream.
    ///
    /// - Parameters:
    ///   - coding: the content coding that the response may have.
    ///   - client: the socket of the client for whom it is sent, whose interruption ends the wait.
    func ask(
        _ method: StaticString, _ path: [UInt8], isIdempotent: Bool = true, coding: StaticString = "identity",
        for client: Socket? = nil, on loop: EventLoop, at clock: any TimeSource
    ) async throws(UpstreamFailure) -> ClientExchange {
        try await send(on: loop, at: clock, mayFallBack: false) { target in
            var writer = HeadWriter()
            writer.request(method: method, target: (target.upstream.pathPrefix + path).span)
            writer.field("host", target.upstream.hostField)
            if let authorization = target.authorization { writer.field("authorization", authorization) }
            writer.field("accept-encoding", coding)
            if !isIdempotent { writer.field("content-length", 0) }
            writer.end()
            return ClientRequest(
                head: writer.bytes, body: .none, isIdempotent: isIdempotent, clientSocket: client)
        }
    }
}

extension ClientExchange {
    /// The whole body of a response, of at most `limit` bytes. A compressed one is decoded, although none was asked for.
    ///
    /// - Parameter client: the socket of the client for whom it is read, whose interruption ends the reading.
    func plainBody(limit: Int, for client: Socket? = nil) async throws(UpstreamFailure) -> [UInt8] {
        do throws(ClientError) {
            let body = try await wholeBody(limit: limit, for: client)
            if head.fields.contentCoding == .identity { return body }
            // Another coding than gzip and zlib is as unreadable as a damaged one.
            guard let plain = Inflater.inflated(body, limit: limit) else { throw .truncated }
            return plain
        } catch { throw UpstreamFailure(error, wasSent: true) }
    }
}
