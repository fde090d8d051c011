import HTTP1
import HTTPClient
import HTTPServer
import OpenAIAPI
import Policy
import Transport

extension RequestPassage {
    /// Whether the caller asks to go on in another protocol on this connection, as WebSocket does (RFC 9110, section 7.8).
    var asksForUpgrade: Bool {
        let head = exchange.head
        return head.version == .http11 && head.fields.equals(head.method, "get") && head.framing == .none
            && head.fields.contains("upgrade") && head.fields.hasToken("upgrade", in: "connection")
    }

    /// The upstream has agreed to another protocol: passes its answer on, then bytes both ways until both sides have ended.
    ///
    /// What is said there is not the gateway's to read, so its usage is the time that it lasted.
    @inline(never)
    func tunnel(_ answer: UpstreamResponse) async {
        record?.firstByteAt = answer.firstByteAt
        let head = answer.exchange.head
        let upstream = answer.exchange.takeOver()
        defer { upstream.stream.close() }
        let caller: ByteStream
        do throws(ExchangeError) {
            caller = try await exchange.switchProtocols { writer in
                let fields = head.fields
                for index in 0..<fields.count {
                    let field = fields[index]
                    let isTheUpgrades = fields.isNamed(field, "upgrade") || fields.isNamed(field, "connection")
                    if isTheUpgrades || !fields.isHopByHop(field), !fields.isNamed(field, "x-request-id") {
                        writer.copy(field, of: fields)
                    }
                }
                let own = id.description
                if !fields.contains("id") { writer.field("id", own) }
                if !fields.contains("backend") { writer.field("backend", snapshot.backend) }
                writer.field("x-request-id", own)
                for (name, value) in rateFields() { writer.field(name, value) }
            } early: { early throws(StreamError) in
                try early.withUnsafeBytes { bytes throws(StreamError) in try upstream.stream.send(bytes) }
            }
        } catch { return settle(status: 499, .clientGone) }
        var tunnel = Tunnel(between: caller, and: upstream.stream)
        var ending = Ending.complete
        do throws(StreamError) {
            try upstream.early.span.withUnsafeBytes { bytes throws(StreamError) in try caller.send(bytes) }
            try await tunnel.run(timeout: snapshot.options.client.idleTimeout)
            if exchange.isConnectionAborted { ending = .drained }
        } catch {
            ending = error == .timedOut ? .upstreamTimeout : caller.socket.isBroken ? .clientGone : .upstreamInterrupted
        }
        record?.requestBytes = Int64(tunnel.sent.fromLeft)
        record?.responseBytes = Int64(tunnel.sent.fromRight)
        settle(status: head.status, ending, isWhole: ending == .complete)
    }
}
