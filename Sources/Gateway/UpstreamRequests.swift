import Clocks
import HTTP1
import HTTPClient
import Policy
import Transport

/// Why a request has no answer that counts.
enum UpstreamFailure: Error {
    /// The client's own reason.
    case of(ClientError)
    /// The upstream refuses all of its keys.
    case keysRefused
}

extension GatewaySnapshot {
    /// Sends what `request` makes of one of the upstream's keys; with the next one where a key is refused.
    func send(
        on loop: EventLoop, _ request: (_ authorization: String?) -> ClientRequest
    ) async throws(UpstreamFailure) -> ClientExchange {
        let client = client(on: loop)
        var attemptsLeft = max(1, upstreamKeys.count)
        while true {
            attemptsLeft -= 1
            let key = upstreamKeys.next(at: .now)
            let answer: ClientExchange
            do throws(ClientError) {
                answer = try await client.send(request(key?.authorization))
            } catch { throw .of(error) }
            guard answer.head.status == 401, let key else { return answer }
            answer.end()
            upstreamKeys.refused(key, at: .now)
            guard attemptsLeft > 0 else { throw .keysRefused }
        }
    }

    /// Sends a request of the gateway's own, without a body, to `path`. `coding` is how its answer may be compressed.
    func ask(
        _ method: StaticString, _ path: [UInt8], isIdempotent: Bool = true, coding: StaticString = "identity",
        on loop: EventLoop
    ) async throws(UpstreamFailure) -> ClientExchange {
        try await send(on: loop) { authorization in
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
