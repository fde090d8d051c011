import Clocks
import HTTPServer
import OpenAIAPI
import Policy
import Transport

/// A request in the queue of its key's tier, and what wakes its task.
final class QueuedRequest {
    let place: WaitingRequest
    private let waker: Waker

    /// - Soundness of `@unchecked Sendable`: `isAwaited` is used on the loop alone.
    private final class Waker: @unchecked Sendable {
        let loop: EventLoop
        let socket: Socket
        /// True while the task waits for the queue, and for nothing else.
        var isAwaited = false

        init(_ exchange: ServerExchange) {
            loop = exchange.loop
            socket = exchange.clientSocket
        }

        func wake() { loop.execute { [self] in if isAwaited { socket.interrupt() } } }
    }

    /// The request of `exchange` in `queue`; nil where it may not wait.
    init?(
        _ request: LimitedRequest, of key: KeyRecord, _ tier: Tier, in queue: AdmissionQueue,
        for exchange: ServerExchange,
        at now: LimitTime
    ) {
        let waker = Waker(exchange)
        guard let place = queue.join(request, of: key, tier, at: now, wake: { waker.wake() }) else { return nil }
        self.place = place
        self.waker = waker
    }

    /// Waits until the request was admitted, until `moment`, or for the client to leave. Returns false where it has left.
    func wait(until moment: MonotonicTime) async -> Bool {
        waker.isAwaited = true
        defer { waker.isAwaited = false }
        return await waker.socket.wait(for: .peerFinished, until: moment) != .ready
    }
}

extension RequestPipeline {
    /// Waits in the queue until the limits have room for the request, and holds it.
    ///
    /// A client that leaves meanwhile is dropped; one that has closed only its sending half counts as gone here. The client of a
    /// stream gets its head after a second, and comments.
    @inline(never)
    func awaitRoom(_ admission: Admission, _ queued: QueuedRequest, _ route: MatchedRoute) async throws(RequestFailure)
    {
        stage = .waiting
        var nextComment = commentsWhileWaiting(route) ? exchange.loop.now + StreamSilence.headHold : .never
        while true {
            if let reservation = queued.place.take() { return try resume(admission, reservation) }
            let clock = gateway.clock.monotonic
            guard !isCancelled else { throw leaveQueue(queued, .cancelled(wasSent: false)) }
            guard !gateway.isDraining else { throw leaveQueue(queued, .refused(.draining)) }
            guard let nextTry = queued.place.nextTry, clock < queued.place.deadline else {
                gateway.queue.leave(queued.place, at: gateway.clock.limitTime)
                return try holdOrRefuse(admission, route.endpoint)
            }
            let pause = min(nextTry, queued.place.deadline) - clock
            guard await queued.wait(until: min(exchange.loop.now + pause, nextComment)) else {
                throw leaveQueue(queued, .clientGone())
            }
            if gateway.clock.monotonic >= nextTry { gateway.queue.admit(at: gateway.clock.limitTime) }
            if exchange.loop.now >= nextComment {
                guard sendComment() else { throw leaveQueue(queued, .clientGone()) }
                nextComment = exchange.loop.now.after(nanoseconds: snapshot.silence.keepalive)
            }
        }
    }

    @inline(never)
    private func leaveQueue(_ queued: QueuedRequest, _ failure: RequestFailure) -> RequestFailure {
        gateway.queue.leave(queued.place, at: gateway.clock.limitTime)
        return failure
    }

    /// Holds what the queue has admitted, unless the key has ended meanwhile.
    @inline(never)
    private func resume(_ admission: Admission, _ reservation: consuming Reservation) throws(RequestFailure) {
        admission.hold(reservation)
        do throws(RequestFailure) {
            guard try authenticate() else { throw .key(.unknown) }
        } catch {
            giveBack(admission)
            throw error
        }
    }

    /// Returns true where comments can tell the client that it waits.
    private func commentsWhileWaiting(_ route: MatchedRoute) -> Bool {
        details.streams && route.upstreamEndpoint.streamsUsage && snapshot.silence.keepalive != .max
    }

    /// Tells the client of a stream that it waits, after the stream's head. Returns false where it has gone.
    @inline(never)
    private func sendComment() -> Bool {
        if !exchange.hasStarted { startWaitingStream() }
        exchange.write(Array(": waiting for room in the limits of this key\n\n".utf8))
        do throws(ExchangeError) { try exchange.push() } catch { return false }
        return true
    }
}
