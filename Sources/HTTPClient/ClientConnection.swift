import Clocks
import HTTP1
import Transport

/// One connection to the server, for one exchange after the other: sends a request, reads the response's head, and
/// waits while idle. `ClientExchange` reads the body.
final class ClientConnection {
    let stream: ByteStream
    /// Progress of the present exchange and of the connection, which the exchange drives too.
    var state = ClientConnectionState()
    private unowned let pool: ConnectionPool
    /// Bytes that were received and not used yet.
    private var input: [UInt8] = []
    /// The head that is read. A property, so that it is not allocated in the task's memory.
    private var intake: HeadIntake<ResponseHeadReader>?
    /// The end of the present request's `ClientLimits.firstByteTimeout`.
    private(set) var firstByteDeadline = MonotonicTime.never
    /// The watch on the client of the present request.
    private var watch = ClientWatch()
    /// Bytes that the transport had sent when the exchange began.
    private var sentBefore: UInt64 = 0
    /// Time after which the connection takes no further exchange.
    private let usableUntil: MonotonicTime

    init(_ stream: ByteStream, pool: ConnectionPool) {
        self.stream = stream
        self.pool = pool
        usableUntil = stream.socket.loop.now + pool.limits.maximumAge
    }

    var limits: ClientLimits { pool.limits }

    /// Start of the loop's present round, which deadlines are counted from.
    var now: MonotonicTime { stream.socket.loop.now }

    // MARK: One exchange

    /// Sends `request` and waits for the response's head, which `removeHead` then returns.
    func send(_ request: ClientRequest) async throws(ClientError) {
        try change { state throws(ConnectionStateError) in
            try state.requestStarted(asksForUpgrade: request.asksForUpgrade)
        }
        sentBefore = stream.transportBytesSent
        request.wasSent = true
        beginIntake(of: request)
        try await sendHeadAndBody(of: request)
        try change { state throws(ConnectionStateError) in try state.requestSent() }
        try await readHead(of: request)
    }

    /// Returns true where `request` may be sent again on another connection, after this one was closed.
    func mayRetry(_ request: ClientRequest) -> Bool {
        state.mayRetry(isIdempotent: request.isIdempotent, wasReceived: requestWasReceived)
    }

    /// False where the server never acknowledged a byte of the request, so that it cannot have begun to act on it.
    private var requestWasReceived: Bool {
        guard let acknowledged = stream.socket.acknowledgedBytes else { return true }
        // Some kernels count the opening SYN as a byte. No whole request fits into that one byte.
        return acknowledged > sentBefore + 1
    }

    /// Reports an event to the state. One that it does not allow means that the server broke the protocol.
    func change(_ event: (inout ClientConnectionState) throws(ConnectionStateError) -> Void) throws(ClientError) {
        do throws(ConnectionStateError) { try event(&state) } catch {
            throw error == .uninvitedSwitch ? .uninvitedSwitch : .truncated
        }
    }

    // MARK: Sending

    private func sendHeadAndBody(of request: ClientRequest) async throws(ClientError) {
        guard try sendHead(of: request), try await finishSending(for: request.clientSocket) else { return }
        if case .stored(let body) = request.body { try await send(body, for: request.clientSocket) }
    }

    /// Sends the head, together with a body that is in memory. Returns false where the server answered instead.
    @inline(never)
    private func sendHead(of request: ClientRequest) throws(ClientError) -> Bool {
        do throws(StreamError) {
            let head = request.head
            try head.span.withUnsafeBytes { head throws(StreamError) in
                guard case .bytes(let body) = request.body else { return try stream.send(head) }
                try body.span.withUnsafeBytes { body throws(StreamError) in try stream.send(head, body) }
            }
            return true
        } catch {
            try salvageResponse(after: error)
            return false
        }
    }

    private func send(_ body: any StoredBody, for client: Socket?) async throws(ClientError) {
        var offset = 0
        while offset < body.length {
            if stream.exceededQuantum, await stream.yield(or: client) == .interrupted { throw .clientGone }
            let count = try sendPiece(of: body, at: offset)
            guard count > 0, try await finishSending(for: client) else { return }
            offset += count
        }
    }

    /// Sends the next piece of `body` and returns its length; 0 where the server answered instead.
    @inline(never)
    private func sendPiece(of body: any StoredBody, at offset: Int) throws(ClientError) -> Int {
        let buffer = stream.received
        let count: Int
        do throws(SystemError) { count = try body.read(at: offset, into: buffer) } catch {
            throw .unreadableBody(error)
        }
        guard count > 0 else { throw .unreadableBody(SystemError("read a temporary file", 0)) }
        do throws(StreamError) {
            try stream.send(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            return count
        } catch {
            try salvageResponse(after: error)
            return 0
        }
    }

    /// Waits until everything is sent, or the socket of `client` is interrupted.
    ///
    /// - Returns: false where the server answers already, and so will not read the rest.
    private func finishSending(for client: Socket?) async throws(ClientError) -> Bool {
        while stream.unsentCount > 0 {
            if stream.socket.isReady(for: .readable), try readAnswer() { return false }
            do throws(StreamError) {
                try await stream.flush(timeout: limits.idleTimeout, yieldsToReading: true, or: client)
            } catch {
                if error == .interrupted { throw .clientGone }
                try salvageResponse(after: error)
                return false
            }
        }
        return true
    }

    /// Reads once while the request is sent. Returns true where that ends the sending: by the head of a final response, or
    /// by the connection's end. Interim responses (1xx) do not.
    @inline(never)
    private func readAnswer() throws(ClientError) -> Bool {
        let received: ByteStream.Received?
        do throws(StreamError) { received = try stream.read() } catch {
            try salvageResponse(after: error)
            return true
        }
        guard let received else { return false }
        if case .bytes(let count) = received {
            try readHead(count)
            if intake?.isComplete != true { return false }
        }
        try change { state throws(ConnectionStateError) in try state.requestCutShort() }
        return true
    }

    /// Keeps what the server sent before the connection failed: one that refuses a body early responds and then closes.
    /// Throws `error` where it sent nothing.
    @inline(never)
    private func salvageResponse(after error: StreamError) throws(ClientError) {
        try change { state throws(ConnectionStateError) in try state.requestCutShort() }
        if input.isEmpty, case .bytes(let count)? = try? stream.read() { keep(0..<count) }
        if input.isEmpty, intake?.isEmpty != false { throw ClientError(error) }
    }

    // MARK: The response's head

    private func readHead(of request: ClientRequest) async throws(ClientError) {
        firstByteDeadline = now + limits.firstByteTimeout
        watch = ClientWatch()
        while intake?.isComplete != true {
            let received = try await readHead(of: request, until: min(firstByteDeadline, watch.probeDue))
            if intake?.isComplete == true { return }
            switch received {
            case .bytes: continue
            case .end: throw .truncated
            case .timedOut: try probeClient(of: request)
            case .interrupted: throw .clientGone
            case .other:
                guard watch.becameReady(at: now, grace: request.probe == nil ? nil : limits.probeGrace) else {
                    throw .clientGone
                }
            }
        }
    }

    @inline(never)
    private func probeClient(of request: ClientRequest) throws(ClientError) {
        guard watch.takesProbe(at: now) else { throw .timedOut }
        request.probe?.probeClient()
    }

    @inline(never)
    private func beginIntake(of request: ClientRequest) {
        intake = HeadIntake(ResponseHeadReader(limit: limits.headerBytes, answeringHEAD: request.isHEAD))
    }

    /// Reads bytes that were kept, or else received, into the intake.
    private func readHead(
        of request: ClientRequest, until deadline: MonotonicTime
    ) async throws(ClientError) -> ByteStream.Received {
        var received = ByteStream.Received.bytes(0)
        if input.isEmpty {
            do throws(StreamError) {
                received = try await stream.receive(
                    until: deadline, or: request.clientSocket, for: watch.interest)
            } catch { throw ClientError(error) }
        }
        if case .bytes(let count) = received { try readHead(count) }
        return received
    }

    @inline(never)
    private func readHead(_ count: Int) throws(ClientError) {
        try change { state throws(ConnectionStateError) in try state.responseBytesReceived() }
        try consumeInput(count) { bytes throws(ClientError) in
            do throws(HTTP1Error) { return try intake?.read(bytes) ?? 0 } catch { throw .malformed(error) }
        }
        guard let head = intake?.head else { return }
        try change { state throws(ConnectionStateError) in try state.headReceived(head) }
    }

    /// Returns the head that `send` has read, once.
    @inline(never)
    func removeHead() -> ResponseHead {
        guard let head = intake?.head else { preconditionFailure("a response begins with its head") }
        intake = nil
        return head
    }

    // MARK: Input

    /// True where bytes were received that are not used yet.
    var hasInput: Bool { !input.isEmpty }

    /// Lends `use` the bytes that were kept, or else the `count` bytes that were received. `use` returns how many it
    /// used, and the others are kept.
    @inline(never)
    func consumeInput(_ count: Int, _ use: (Span<UInt8>) throws(ClientError) -> Int) throws(ClientError) {
        if input.isEmpty {
            let used = try stream.withReceived(count, use)
            if used < count { keep(used..<count) }
        } else {
            let kept = removeInput()
            let used = try use(kept.span)
            if used < kept.count { input = Array(kept[used...]) }
        }
    }

    /// Keeps the bytes of `range` of what was received, for later.
    func keep(_ range: Range<Int>) { input = Array(stream.received[range]) }

    /// Returns the bytes that were received and not used, and forgets them.
    func removeInput() -> [UInt8] {
        defer { input = [] }
        return input
    }

    /// Ends the exchange. Returns true where the connection may be kept for another one.
    func endExchange() -> Bool {
        state.exchangeEnded(isQuiet: input.isEmpty && stream.unsentCount == 0 && !stream.socket.peerHasFinished)
    }
}

// MARK: - Idle

/// Handles the socket's events while the connection is idle, for which no task waits.
extension ClientConnection: ReadinessHandler {
    /// Waits without a task for the server's close, or for the end of `ClientLimits.keepAlive` or of `maximumAge`.
    func beginIdle() { stream.socket.beginIdling(observer: self, until: idleDeadline) }

    private var idleDeadline: MonotonicTime { min(now + limits.keepAlive, usableUntil) }

    /// Ends the idle time. Returns false where the server has closed the connection, or sent bytes unasked.
    func wake() -> Bool {
        stream.socket.endIdling()
        return isQuiet
    }

    /// True while the server has neither closed the connection nor sent bytes unasked.
    var isQuiet: Bool { !stream.socket.isReady(for: .readableOrFinished) }

    /// True once the connection is older than `ClientLimits.maximumAge`.
    var isTooOld: Bool { now >= usableUntil }

    func socketBecameReady(_ wake: Wake) -> MonotonicTime? {
        // Under TLS a session ticket may come at any time, and is no reason to close.
        if wake == .ready, !stream.socket.peerHasFinished, hasNothingToRead { return idleDeadline }
        pool.discard(self)
        return nil
    }

    private var hasNothingToRead: Bool {
        do throws(StreamError) { return try stream.read() == nil } catch { return false }
    }
}
