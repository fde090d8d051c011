import Clocks
import HTTP1
import HTTPClient
import Policy
import Transport

extension GatewaySnapshot {
    /// Sends what `request` makes of one of the upstream's keys; with the next one where a key is refused.
    func send(
        on loop: EventLoop, at clock: any TimeSource, _ request: (_ authorization: String?) -> ClientRequest
    ) async throws(UpstreamFailure) -> ClientExchange {
        let client = client(on: loop)
        var attemptsLeft = max(1, upstreamKeys.count)
        while true {
            attemptsLeft -= 1
            let key = upstreamKeys.next(at: clock.monotonic)
            let request = request(key?.authorization)
            let response: ClientExchange
            do throws(ClientError) {
                response = try await client.send(request)
            } catch { throw UpstreamFailure(error, wasSent: request.wasSent) }
            guard response.head.status == 401, let key else { return response }
            response.end()
            upstreamKeys.refused(key, at: clock.monotonic)
            guard attemptsLeft > 0 else { throw .keysRefused }
        }
    }

    /// Sends a request of the gateway's own, without a body, to `path`.
    ///
    /// - Parameter coding: the content coding that the response may have.
    func ask(
        _ method: StaticString, _ path: [UInt8], isIdempotent: Bool = true, coding: StaticString = "identity",
        on loop: EventLoop, at clock: any TimeSource
    ) async throws(UpstreamFailure) -> ClientExchange {
        try await send(on: loop, at: clock) { authorization in
            var writer = HeadWriter()
            writer.request(method: method, target: (options.pathPrefix + path).span)
            writer.field("host", hostField)
            if let authorization { writer.field("authorization", authorization) }
            writer.field("accept-encoding", coding)
            if !isIdempotent { writer.field("content-length", 0) }
            writer.end()
            return ClientRequest(head: writer.bytes, body: .none, isIdempotent: isIdempotent)
        }
    }
}

extension ClientExchange {
    /// The whole body of a response that was asked for uncompressed. A compressed one cannot be read, and is refused.
    func plainBody(limit: Int) async throws(UpstreamFailure) -> [UInt8] {
        let fields = head.fields
        do throws(ClientError) {
            if let coding = fields.first("content-encoding"), !fields.equals(coding, "identity") { throw .truncated }
            return try await wholeBody(limit: limit)
        } catch { throw UpstreamFailure(error, wasSent: true) }
    }
}
