import Clocks
import HTTP1
import Transport

/// Forwards the frames of a WebSocket in both directions, and ends it properly: with a close frame, after the frame in progress.
///
/// One task serves both directions. A side is read only while the other has accepted everything before. So a slow reader slows its
/// writer, memory is bounded, and neither direction waits for the other. Payloads are not read.
final class WebSocketTunnel {
    /// The time between two looks at `reasonToEnd`.
    static let checkInterval = Duration.seconds(1)
    /// The time in which a frame in progress has to end when the gateway closes.
    static let frameTimeout = Duration.seconds(2)
    /// The time in which both sides have to close, from when the gateway closes.
    static let closeTimeout = Duration.seconds(4)
    /// The silence after one side's close frame that the other may need for its own.
    static let answerTimeout = Duration.seconds(10)

    let client: WebSocketPeer
    let upstream: WebSocketPeer
    private let idleTimeout: Duration
    private var reasonToEnd: () -> TunnelEnd? = { nil }

    /// The reason to close, once the gateway does.
    private(set) var end: TunnelEnd?
    /// The moment at which the gateway began to close.
    private(set) var closingSince: MonotonicTime?
    private var lastByteAt: MonotonicTime
    private var nextCheck: MonotonicTime
    private var hasGivenUp = false

    /// A tunnel between two streams, which the caller closes.
    ///
    /// - Parameter compresses: true where `permessage-deflate` was agreed on.
    init(between client: ByteStream, and upstream: ByteStream, compresses: Bool, idleTimeout: Duration) {
        self.client = WebSocketPeer(client, .client, compresses: compresses)
        self.upstream = WebSocketPeer(upstream, .server, compresses: compresses)
        self.idleTimeout = idleTimeout
        lastByteAt = client.socket.loop.now
        nextCheck = lastByteAt
    }

    /// Calls `reasonToEnd` every `checkInterval`, and after an interrupt of a socket, for the reason to close, if there is one.
    func watch(_ reasonToEnd: @escaping () -> TunnelEnd?) { self.reasonToEnd = reasonToEnd }

    private var now: MonotonicTime { client.stream.socket.loop.now }

    // MARK: Running

    /// Forwards until both sides have closed or the gateway has, and returns the reason.
    func run() async -> TunnelEnd {
        while true {
            if client.stream.exceededQuantum, await client.stream.yield(or: upstream.stream.socket) == .interrupted {
                check()
            }
            if upstream.stream.exceededQuantum, await upstream.stream.yield(or: client.stream.socket) == .interrupted {
                check()
            }
            forward()
            if isOver { return end ?? .closed }
            let wake = await client.stream.socket.wait(
                for: client.interest(sendingTo: upstream), or: upstream.stream.socket,
                for: upstream.interest(sendingTo: client), until: nextMoment, observer: self)
            if wake == .interrupted { check() }
        }
    }

    /// Forwards what is there, and does what is due by now.
    @inline(never)
    private func forward() {
        forward(from: client, to: upstream)
        forward(from: upstream, to: client)
        guard now >= nextMoment else { return }
        guard let closingSince else { return check() }
        client.direction.expire()
        upstream.direction.expire()
        act()
        if now >= closingSince + Self.closeTimeout { hasGivenUp = true }
    }

    private func forward(from source: WebSocketPeer, to target: WebSocketPeer) {
        target.flush()
        while source.mayRead(sendingTo: target), let received = source.read() {
            guard received > 0 else { return ended(source) }
            lastByteAt = now
            source.stream.withReceived(received) { pass($0, from: source, to: target) }
        }
    }

    /// Passes on bytes that came with the heads of the handshake.
    func passEarly(_ bytes: [UInt8], from source: WebSocketPeer) {
        pass(bytes.span, from: source, to: source === client ? upstream : client)
    }

    private func pass(_ bytes: Span<UInt8>, from source: WebSocketPeer, to target: WebSocketPeer) {
        let (passing, fault) = source.direction.received(bytes)
        source.passed += passing
        target.send(bytes.extracting(0..<passing))
        if let fault { close(source === client ? .clientFault(fault) : .upstreamFault(fault)) }
        act()
    }

    /// True where there is no more to wait for.
    private var isOver: Bool { hasGivenUp || client.isDone && upstream.isDone }

    // MARK: Ending

    /// The next moment at which something is due without a byte.
    private var nextMoment: MonotonicTime {
        guard let closingSince else { return min(nextCheck, lastByteAt + silenceLimit) }
        let isExpired = client.direction.isClosed && upstream.direction.isClosed
        return closingSince + (isExpired ? Self.closeTimeout : Self.frameTimeout)
    }

    private var isHalfClosed: Bool { client.direction.isSenderDone || upstream.direction.isSenderDone }

    private var silenceLimit: Duration { isHalfClosed ? min(Self.answerTimeout, idleTimeout) : idleTimeout }

    private func check() {
        nextCheck = now + Self.checkInterval
        if let reason = reasonToEnd() {
            if case .aborted = reason { hasGivenUp = true }
            close(reason)
        } else if now >= lastByteAt + silenceLimit {
            close(isHalfClosed ? .closed : .idle)
        }
    }

    private func ended(_ peer: WebSocketPeer) {
        peer.hasEnded = true
        guard !peer.direction.isSenderDone else { return }
        let wasHalfClosed = isHalfClosed
        peer.direction.senderEnded()
        close(wasHalfClosed ? .closed : peer === client ? .clientGone : .upstreamGone)
    }

    /// Closes both directions. The first reason counts.
    private func close(_ reason: TunnelEnd) {
        guard end == nil else { return }
        end = reason
        closingSince = now
        client.direction.beginClosing()
        upstream.direction.beginClosing()
        act()
    }

    /// Performs the acts that the directions ask for.
    private func act() {
        if let action = client.direction.nextAction() {
            upstream.perform(action, (end ?? .closed).closeForUpstream.frame(mask: .random(in: 0 ... .max)))
        }
        if let action = upstream.direction.nextAction() {
            client.perform(action, (end ?? .closed).closeForClient.frame(mask: nil))
        }
    }
}

extension WebSocketTunnel: ReadinessHandler {
    /// Checks in the place of the suspended task.
    func socketBecameReady(_ wake: Wake) -> MonotonicTime? {
        guard wake == .timedOut, end == nil, now >= nextMoment else { return nil }
        check()
        return end == nil ? nextMoment : nil
    }
}
