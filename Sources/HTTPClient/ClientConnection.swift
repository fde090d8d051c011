import Clocks
import HTTP1
import Transport

/// One connection to the server, for one exchange after the other.
final class ClientConnection: ReadinessHandler {
    let stream: ByteStream
    private unowned let pool: HTTPClient
    /// Whether an exchange has been completed on it: only then can the server have closed it for being idle.
    private(set) var wasUsed = false
    private var input: [UInt8] = []
    private var body = BodyReader(.none)
    private var mayBeKept = true
    /// Whether a byte of the present answer has come.
    private var hasAnswered = false
    private var sentBefore: UInt64 = 0
    /// How many pieces of the present answer were small.
    private var smallPieces = 0
    /// The head that is being read. A property, so that it is not made in the task's memory after all.
    private var intake: HeadIntake?
    /// Who takes in the body, while it is waited for.
    private var taker: (any ResponseBodySink)?
    /// How the reading of the body ended, if it did while its task was waiting.
    private var attended: Result<ClientExchange.Step, ClientError>?

    /// What fits into a TCP segment, mostly.
    private static let smallPiece = 1400
    /// An answer of so many small pieces is a stream, for which the acknowledgement of each would cost more than its reading.
    private static let piecesOfStream = 8

    init(_ stream: ByteStream, pool: HTTPClient) {
        self.stream = stream
        self.pool = pool
    }

    // MARK: One exchange

    /// Sends `request` and waits for the head of the answer, which `takeHead` has then.
    func exchange(_ request: ClientRequest) async throws(ClientError) {
        hasAnswered = false
        smallPieces = 0
        sentBefore = stream.transportBytesSent
        request.wasSent = true
        try await send(request, timeout: pool.limits.idleTimeout)
        try await readHead(of: request)
    }

    /// Whether the server cannot have begun to act on the request: it never acknowledged a byte of it.
    ///
    /// The opening SYN counts as a byte in some kernels, hence the allowance of one, which no whole request fits into.
    var requestWasNotTaken: Bool {
        guard !hasAnswered, let acknowledged = stream.socket.acknowledgedBytes else { return false }
        return acknowledged <= sentBefore + 1
    }

    /// Whether nothing of an answer has come.
    var isUnanswered: Bool { !hasAnswered }

    private func send(_ request: ClientRequest, timeout: Duration) async throws(ClientError) {
        do throws(StreamError) {
            try begin(request)
            guard try await finishSending(timeout: timeout) else { return }
        } catch {
            // A server that refuses a body early answers, and then closes: the answer counts, if there is one.
            if !salvageAnswer() { throw ClientError(error) }
            return
        }
        if case .stored(let body) = request.body { try await send(body, timeout: timeout) }
    }

    /// Sends the head, with the body where that is in memory.
    @inline(never)
    private func begin(_ request: ClientRequest) throws(StreamError) {
        let head = request.head
        try head.span.withUnsafeBytes { head throws(StreamError) in
            guard case .bytes(let body) = request.body else { return try stream.send(head) }
            try body.span.withUnsafeBytes { body throws(StreamError) in try stream.send(head, body) }
        }
    }

    private func send(_ body: any StoredBody, timeout: Duration) async throws(ClientError) {
        var offset = 0
        while offset < body.length {
            if stream.exceededQuantum { _ = await stream.yield() }
            let buffer = stream.received
            let count: Int
            do throws(SystemError) { count = try body.read(at: offset, into: buffer) } catch {
                throw .unreadableBody(error)
            }
            guard count > 0 else { throw .unreadableBody(SystemError("read a temporary file", 0)) }
            offset += count
            do throws(StreamError) {
                try stream.send(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                guard try await finishSending(timeout: timeout) else { return }
            } catch {
                if !salvageAnswer() { throw ClientError(error) }
                return
            }
        }
    }

    /// Waits until all is sent.
    ///
    /// - Returns: false where the server answers already, and so will not read the rest.
    private func finishSending(timeout: Duration) async throws(StreamError) -> Bool {
        while stream.unsentCount > 0 {
            if stream.socket.isReady(for: .readable), let received = try stream.read() {
                if case .bytes(let count) = received { input.append(contentsOf: stream.received[..<count]) }
                mayBeKept = false
                return false
            }
            try await stream.flush(timeout: timeout, yieldsToReading: true)
        }
        return true
    }

    private func salvageAnswer() -> Bool {
        mayBeKept = false
        if input.isEmpty, case .bytes(let count)? = try? stream.read() {
            input.append(contentsOf: stream.received[..<count])
        }
        return !input.isEmpty
    }

    private func readHead(of request: ClientRequest) async throws(ClientError) {
        let intake = HeadIntake(limit: pool.limits.headerBytes, answersHEAD: request.isHEAD)
        self.intake = intake
        let deadline = MonotonicTime.now + pool.limits.firstByteTimeout
        var watched = request.caller
        while true {
            let received = try await read(intake, until: deadline, watching: watched)
            if intake.isComplete { return }
            switch received {
            case .bytes: continue
            case .end: throw .truncated
            case .timedOut: throw .timedOut
            case .interrupted: throw .clientGone
            case .other:
                guard request.outlivesClient else { throw .clientGone }
                watched = nil
            }
        }
    }

    /// The head that `exchange` has brought; what comes next is the body.
    @inline(never)
    func takeHead() -> ResponseHead {
        guard let head = intake?.head else { preconditionFailure("an answer begins with its head") }
        intake = nil
        body = BodyReader(head.framing)
        if !head.keepAlive { mayBeKept = false }
        return head
    }

    /// Hands `intake` what was kept, or else what comes next.
    private func read(
        _ intake: HeadIntake, until deadline: MonotonicTime, watching caller: Socket?
    ) async throws(ClientError) -> ByteStream.Received {
        if !input.isEmpty {
            hasAnswered = true
            return .bytes(try takeKept { bytes throws(ClientError) in try intake.read(bytes) })
        }
        let received: ByteStream.Received
        do throws(StreamError) {
            received = try await stream.receive(until: deadline, or: caller)
        } catch { throw ClientError(error) }
        if case .bytes(let count) = received {
            try takeReceived(count) { bytes throws(ClientError) in try intake.read(bytes) }
        }
        return received
    }

    /// Hands `take` the `count` bytes that were read, and keeps what it does not use.
    @inline(never)
    private func takeReceived(_ count: Int, _ take: (Span<UInt8>) throws(ClientError) -> Int) throws(ClientError) {
        noteRead(count)
        let used = try stream.withReceived(count, take)
        if used < count { input = Array(stream.received[used..<count]) }
    }

    /// Hands `take` what was read before and not used, keeps what it does not use now, and returns how much it did.
    @inline(never)
    private func takeKept(_ take: (Span<UInt8>) throws(ClientError) -> Int) throws(ClientError) -> Int {
        let kept = takeInput()
        let used = try take(kept.span)
        if used < kept.count { input = Array(kept[used...]) }
        return used
    }

    // MARK: The body

    /// Hands `taker` the answer's body until it wants a pause, the body ends or `caller` is ready for `interest`.
    func readBody(
        watching caller: Socket?, for interest: Readiness, into taker: any ResponseBodySink
    ) async throws(ClientError) -> ClientExchange.Step {
        if let step = try takeBeginning(taker) { return step }
        self.taker = taker
        defer { self.taker = nil }
        while true {
            if stream.exceededQuantum, await stream.yield(or: caller) == .interrupted { throw .clientGone }
            if let caller, caller.isReady(for: interest) { return .clientLeft }
            if stream.mayRead {
                if let step = try takeNext(taker) { return step }
                continue
            }
            let wake = await stream.socket.wait(
                for: stream.readInterest, or: caller, for: interest, until: .now + pool.limits.idleTimeout,
                observer: self)
            if let attended = attended.take() { return try attended.get() }
            switch wake {
            case .ready: continue
            case .timedOut: throw .timedOut
            case .interrupted: throw .clientGone
            }
        }
    }

    /// Reads once, and hands `taker` what there is of the body.
    ///
    /// - Returns: how the reading ended; nil where it goes on.
    @inline(never)
    private func takeNext(_ taker: any ResponseBodySink) throws(ClientError) -> ClientExchange.Step? {
        let received: ByteStream.Received?
        do throws(StreamError) { received = try stream.read() } catch { throw ClientError(error) }
        switch received {
        case .bytes(let count):
            try takeReceived(count) { bytes throws(ClientError) in try read(bytes, taker) }
            return step(taker)
        case .end:
            do throws(HTTP1Error) { try body.endOfStream() } catch { throw .truncated }
            mayBeKept = false
            return .end
        case .timedOut, .other, .interrupted, nil: return nil
        }
    }

    /// Hands `taker` what came of the body together with its head.
    @inline(never)
    private func takeBeginning(_ taker: any ResponseBodySink) throws(ClientError) -> ClientExchange.Step? {
        if body.isComplete { return .end }
        if input.isEmpty { return nil }
        _ = try takeKept { bytes throws(ClientError) in try read(bytes, taker) }
        return step(taker)
    }

    private func step(_ taker: any ResponseBodySink) -> ClientExchange.Step? {
        if body.isComplete { return .end }
        return taker.shouldContinue() ? nil : .more
    }

    @inline(never)
    private func read(_ bytes: Span<UInt8>, _ taker: any ResponseBodySink) throws(ClientError) -> Int {
        var position = 0
        do throws(HTTP1Error) {
            while true {
                switch try body.next(bytes, &position) {
                case .data(let range): taker.take(bytes.extracting(range))
                case .needsMore, .end: return position
                }
            }
        } catch { throw .malformed(error) }
    }

    private func noteRead(_ count: Int) {
        hasAnswered = true
        guard count < Self.smallPiece else { return }
        smallPieces += 1
        if smallPieces == Self.piecesOfStream { stream.socket.delayAcknowledgements() }
    }

    /// What has been read but not asked for.
    func takeInput() -> [UInt8] {
        defer { input = [] }
        return input
    }

    /// Whether the next request may be sent on it.
    var isReusable: Bool {
        mayBeKept && body.isComplete && input.isEmpty && stream.unsentCount == 0 && !stream.socket.peerHasFinished
    }

    // MARK: Attending to the socket

    /// Reads in the place of the task that waits for the body, or deals with what ends the rest.
    func socketBecameReady(_ wake: Wake) -> MonotonicTime? {
        guard let taker else { return restGoesOn(wake) }
        guard wake == .ready else { return nil }
        let interest = stream.readInterest
        do throws(ClientError) {
            if let step = try takeNext(taker) {
                attended = .success(step)
            } else if stream.readInterest == interest {
                return stream.socket.loop.now + pool.limits.idleTimeout
            }
        } catch {
            attended = .failure(error)
        }
        return nil
    }

    // MARK: At rest

    func rest(until deadline: MonotonicTime) {
        wasUsed = true
        stream.socket.beginIdling(observer: self, until: deadline)
    }

    /// Takes it back from its rest. False where the server has closed it, or said something unasked, in the meantime.
    func wake() -> Bool {
        stream.socket.endIdling()
        return !stream.socket.isReady(for: [.readable, .peerFinished])
    }

    private func restGoesOn(_ wake: Wake) -> MonotonicTime? {
        // Under TLS a session ticket may come at any time, and is no reason to part.
        if wake == .ready, !stream.socket.peerHasFinished, readsNothing {
            return stream.socket.loop.now + pool.limits.keepAlive
        }
        pool.discard(self)
        return nil
    }

    private var readsNothing: Bool {
        do throws(StreamError) { return try stream.read() == nil } catch { return false }
    }
}

/// A head on its way in. It is an object, and not in the memory of the task, which keeps the room of its largest moment for as long as
/// it lives.
private final class HeadIntake {
    private var reader: ResponseHeadReader
    private let answersHEAD: Bool
    /// The head, once it is complete.
    private(set) var head: ResponseHead?

    var isComplete: Bool { head != nil }

    @inline(never)
    init(limit: Int, answersHEAD: Bool) {
        reader = ResponseHeadReader(limit: limit)
        self.answersHEAD = answersHEAD
    }

    /// Reads on in `bytes`, and returns how many of them belong to the head.
    @inline(never)
    func read(_ bytes: Span<UInt8>) throws(ClientError) -> Int {
        do throws(HTTP1Error) {
            switch try reader.read(bytes, answeringHEAD: answersHEAD) {
            case .needsMore: return bytes.count
            case .complete(let complete, let consumed):
                head = complete
                return consumed
            }
        } catch { throw .malformed(error) }
    }
}
