import Clocks
import HTTP1
import Transport

/// Opens a tunnel through a proxy with CONNECT (RFC 9110, section 9.3.6).
struct ProxyTunnel {
    /// Bytes of the head of the proxy's answer.
    private static let headerBytes = 16 * 1024

    let proxy: Proxy
    let origin: Origin

    /// Asks for the tunnel on `stream`, a new connection to the proxy. Returns once its bytes are the server's.
    @inline(never)
    func open(on stream: ByteStream, until deadline: MonotonicTime) async throws(ProxyFailure) {
        do throws(StreamError) {
            try request.span.withUnsafeBytes { bytes throws(StreamError) in try stream.send(bytes) }
            try await stream.flush(timeout: deadline - stream.socket.loop.now)
        } catch { throw failure(error == .timedOut ? .timedOut : .malformed) }
        // An answer to CONNECT has no body where it is 2xx, even where its fields state one: like an answer to HEAD.
        var intake = HeadIntake(ResponseHeadReader(limit: Self.headerBytes, answeringHEAD: true))
        while !intake.isComplete {
            let received: ByteStream.Received
            do throws(StreamError) { received = try await stream.receive(until: deadline) } catch {
                throw failure(.malformed)
            }
            switch received {
            case .bytes(let count): try read(count, of: stream, into: &intake)
            case .timedOut: throw failure(.timedOut)
            case .end, .other, .interrupted: throw failure(.malformed)
            }
        }
        guard let status = intake.head?.status, (200..<300).contains(status) else {
            throw failure(.refused(status: intake.head?.status ?? 0))
        }
    }

    @inline(never)
    private func read(
        _ count: Int, of stream: ByteStream, into intake: inout HeadIntake<ResponseHeadReader>
    ) throws(ProxyFailure) {
        let used: Int
        do throws(HTTP1Error) {
            used = try stream.withReceived(count) { bytes throws(HTTP1Error) in try intake.read(bytes) }
        } catch { throw failure(.malformed) }
        // The server speaks second, in TLS as in HTTP. Bytes after a 2xx head are the proxy's own, which were not asked for.
        guard let status = intake.head?.status, used < count, status < 300 else { return }
        throw failure(.malformed)
    }

    private var request: [UInt8] {
        let authority = origin.authority
        var writer = HeadWriter()
        writer.request(method: "CONNECT", target: Array(authority.utf8).span)
        writer.field("host", authority)
        if let authorization = proxy.authorization { writer.field("proxy-authorization", authorization) }
        writer.end()
        return writer.bytes
    }

    private func failure(_ reason: ProxyFailure.Reason) -> ProxyFailure {
        ProxyFailure(proxy: proxy.description, reason: reason)
    }
}
