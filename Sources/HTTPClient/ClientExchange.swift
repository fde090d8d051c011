import Clocks
import HTTP1
import Transport

/// One response on its way: its head, and the reading of its body. Must be ended with `end` or `takeOver`, however far
/// it came.
///
/// While a task waits for the body, the loop reads it in the task's place (`ReadinessHandler`) and passes it to the
/// sink. The task is resumed for the end, for errors, and where the sink pauses.
package final class ClientExchange {
    /// Reason for which `readBody` returned.
    package enum Step: Sendable, Equatable {
        /// The sink wants a pause; more may come.
        case more
        /// The body is complete.
        case end
        /// The watched client is ready for what was asked for: it has left.
        case clientLeft
    }

    /// Largest read that counts as small: the payload of a TCP segment.
    private static let smallRead = 1400
    /// Small reads after which a body counts as a stream, for which an acknowledgement of each would cost more than its
    /// reading.
    private static let readsOfStream = 8

    // Hot fields first: each read of a body touches them.
    private let connection: ClientConnection
    private let stream: ByteStream
    private var body: BodyReader
    /// Receiver of the body while `readBody` waits.
    private var sink: (any ResponseBodySink)?
    private var smallReads = 0
    /// Outcome of the reading, where it ended while the task was suspended.
    private var outcome: Result<Step, ClientError>?
    /// The response's head.
    package let head: ResponseHead
    /// The end of `ClientLimits.firstByteTimeout`, which was counted from the request's last byte.
    package let firstByteDeadline: MonotonicTime
    private let pool: ConnectionPool
    /// False once the connection went back to the pool, or to another protocol.
    private var hasConnection = true

    init(on connection: ClientConnection, of pool: ConnectionPool) {
        head = connection.removeHead()
        body = BodyReader(head.framing)
        firstByteDeadline = connection.firstByteDeadline
        self.connection = connection
        stream = connection.stream
        self.pool = pool
    }

    deinit {
        precondition(!hasConnection, "an exchange was dropped before its end")
    }

    /// Passes the body to `sink`, read by read, until it wants a pause, the body ends or `client` is ready for
    /// `interest`.
    ///
    /// - Parameter interest: `.peerFinished` to stop for a client that has closed its sending half, `.broken` for one
    ///   whose connection is dead.
    /// - Throws: `.timedOut` after the silence that the sink allows; `.truncated`, `.broken`, `.tls` or
    ///   `.malformed` for a body that did not come whole; `.clientGone` after `Socket.interrupt`.
    package func readBody(
        watching client: Socket? = nil, for interest: Readiness = .peerFinished, into sink: any ResponseBodySink
    ) async throws(ClientError) -> Step {
        guard hasConnection else { return .end }
        if let step = try readKept(into: sink) { return step }
        self.sink = sink
        defer { self.sink = nil }
        while true {
            if stream.exceededQuantum, await stream.yield(or: client) == .interrupted { throw .clientGone }
            if let client, client.isReady(for: interest) { return .clientLeft }
            if stream.mayRead {
                if let step = try readOnce(into: sink) { return step }
                continue
            }
            let wake = await stream.socket.wait(
                for: stream.readInterest, or: client, for: interest,
                until: waitDeadline(of: sink),
                observer: self)
            if let outcome = outcome.take() { return try outcome.get() }
            switch wake {
            case .ready: continue
            case .timedOut: throw .timedOut
            case .interrupted: throw .clientGone
            }
        }
    }

    /// Returns the whole body.
    ///
    /// - Parameter client: a socket whose interruption ends the reading.
    /// - Throws: `.truncated` for a body longer than `limit` bytes, and the errors of `readBody`.
    package func wholeBody(limit: Int, for client: Socket? = nil) async throws(ClientError) -> [UInt8] {
        let sink = WholeBodySink(limit: limit)
        guard try await readBody(watching: client, for: [], into: sink) == .end, sink.shouldContinue() else {
            throw .truncated
        }
        return sink.bytes
    }

    /// Ends the exchange. The connection is kept if the response is complete, else closed, which tells the server to
    /// stop.
    package func end() {
        guard hasConnection else { return }
        hasConnection = false
        pool.takeBack(connection)
    }

    /// Hands the connection over after 101 (Switching Protocols), with the bytes that came after the head. The caller
    /// closes it, and until then it counts against the bound on connections.
    ///
    /// Call once, instead of `end`.
    ///
    /// - Throws: `.truncated` for any other response. The exchange continues then.
    package func takeOver() throws(ClientError) -> (stream: ByteStream, early: [UInt8]) {
        try connection.change { state throws(ConnectionStateError) in try state.handedOver() }
        hasConnection = false
        stream.onClose = { [pool] in pool.connectionEnded() }
        return (stream, connection.removeInput())
    }

    // MARK: Reading

    /// Passes on the part of the body that came together with its head. Returns the reason to stop, or nil.
    @inline(never)
    private func readKept(into sink: any ResponseBodySink) throws(ClientError) -> Step? {
        if body.isComplete { return .end }
        guard connection.hasInput else { return nil }
        return try consume(0, into: sink)
    }

    /// Reads once and passes on what came of the body. Returns the reason to stop, or nil.
    @inline(never)
    private func readOnce(into sink: any ResponseBodySink) throws(ClientError) -> Step? {
        let received: ByteStream.Received?
        do throws(StreamError) { received = try stream.read() } catch { throw ClientError(error) }
        switch received {
        case .bytes(let count):
            if count < Self.smallRead { countSmallRead() }
            return try consume(count, into: sink)
        case .end:
            do throws(HTTP1Error) { try body.endOfStream() } catch { throw .truncated }
            try connection.change { state throws(ConnectionStateError) in try state.bodyEndedByClose() }
            return .end
        case .timedOut, .other, .interrupted, nil: return nil
        }
    }

    private func consume(_ count: Int, into sink: any ResponseBodySink) throws(ClientError) -> Step? {
        if connection.hasInput {
            try connection.consumeInput(count) { bytes throws(ClientError) in try readBody(bytes, into: sink) }
        } else {
            // The way of nearly every event, without a closure that keeps objects.
            let used = try stream.withReceived(count) { bytes throws(ClientError) in try readBody(bytes, into: sink) }
            if used < count { connection.keep(used..<count) }
        }
        guard body.isComplete else { return sink.shouldContinue() ? nil : .more }
        try connection.change { state throws(ConnectionStateError) in try state.bodyReceived() }
        return .end
    }

    /// Passes the body's pieces in `bytes` on, and returns how many bytes belong to the body.
    @inline(never)
    private func readBody(_ bytes: Span<UInt8>, into sink: any ResponseBodySink) throws(ClientError) -> Int {
        var position = 0
        do throws(HTTP1Error) {
            while case .data(let range) = try body.next(bytes, &position) { sink.receive(bytes.extracting(range)) }
        } catch { throw .malformed(error) }
        return position
    }

    private func countSmallRead() {
        smallReads += 1
        if smallReads == Self.readsOfStream { stream.socket.delayAcknowledgements() }
    }
}

extension ClientExchange: ReadinessHandler {
    /// Reads in the place of the suspended task.
    package func socketBecameReady(_ wake: Wake) -> MonotonicTime? {
        guard let sink else { return nil }
        switch wake {
        case .ready: break
        case .timedOut: return silenceLasts(sink)
        case .interrupted: return nil
        }
        let interest = stream.readInterest
        do throws(ClientError) {
            if let step = try readOnce(into: sink) {
                outcome = .success(step)
            } else if stream.readInterest == interest {
                return waitDeadline(of: sink)
            }
        } catch {
            outcome = .failure(error)
        }
        return nil
    }

    /// The end of a wait for bytes that begins now.
    private func waitDeadline(of sink: any ResponseBodySink) -> MonotonicTime {
        let now = connection.now
        return sink.silenceBegins(at: now) ?? now + connection.limits.idleTimeout
    }

    @inline(never)
    private func silenceLasts(_ sink: any ResponseBodySink) -> MonotonicTime? {
        switch sink.silenceLasts(at: connection.now) {
        case .wait(let deadline): return deadline
        case .pause: outcome = .success(.more)
        case .timeOut: outcome = .failure(.timedOut)
        }
        return nil
    }
}
