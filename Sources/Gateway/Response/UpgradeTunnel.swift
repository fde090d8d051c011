import HTTP1
import HTTPClient
import HTTPServer
import OpenAIAPI
import Policy
import Transport

extension RequestPipeline {
    /// Passes on the upstream's 101, then bytes both ways until both sides have ended.
    ///
    /// The gateway does not read what is said there: usage is the time that it lasted.
    @inline(never)
    func tunnel(_ response: ClientExchange) async -> Outcome {
        let head = response.head
        let upstream = response.takeOver()
        defer { upstream.stream.close() }
        let client: ByteStream
        do throws(ExchangeError) {
            client = try await exchange.switchProtocols { writer in
                writeUpgradeFields(head, to: &writer)
            } early: { early throws(StreamError) in
                try early.withUnsafeBytes { bytes throws(StreamError) in try upstream.stream.send(bytes) }
            }
        } catch { return Outcome(.clientGone(wasSent: true)) }
        var tunnel = Tunnel(between: client, and: upstream.stream)
        var ending = Ending.complete
        var failure: RequestFailure?
        do throws(StreamError) {
            try upstream.early.span.withUnsafeBytes { bytes throws(StreamError) in try client.send(bytes) }
            try await tunnel.run(timeout: snapshot.options.client.idleTimeout)
            if exchange.isConnectionAborted { ending = .drained }
        } catch {
            let cause: ClientError =
                error == .timedOut ? .timedOut : client.socket.isBroken ? .clientGone : .truncated
            ending = interruption(cause)
            failure = .upstream(UpstreamFailure(cause, wasSent: true))
        }
        details.requestBytes = Int64(tunnel.sent.fromLeft)
        let counters = ResponseCounters()
        return Outcome(
            status: head.status, ending,
            ending == .complete
                ? .complete(status: head.status, counters) : .answering(status: head.status, counters),
            .nothing, responseBytes: Int64(tunnel.sent.fromRight), failure: failure)
    }
}
