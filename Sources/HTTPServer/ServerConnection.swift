import Clocks
import HTTP1
import Transport

/// One connection from its acceptance to its end. Reads heads and passes exchanges to the handler, one after the other.
///
/// Bytes that came after the wanted ones (a body after its head, a pipelined request) stay in `input` until they are
/// wanted. Nothing else is held between two requests.
final class ServerConnection {
    let stream: ByteStream
    /// The client's IP address as text; empty for one that left at once.
    let clientAddress: String
    /// Progress of the present exchange and of the connection, which the exchange drives too.
    var state = ServerConnectionState()
    private let server: HTTPServer
    /// The head that is being read.
    private var intake: HeadIntake<RequestHeadReader>?
    private var input: [UInt8] = []
    private var inputStart = 0

    init(_ stream: ByteStream, client: String, of server: HTTPServer) {
        self.stream = stream
        clientAddress = client
        self.server = server
    }

    var limits: ServerLimits { server.limits }

    /// Start of the loop's present round, which deadlines are counted from.
    var now: MonotonicTime { stream.socket.loop.now }

    /// Serves requests until the connection ends, then closes it.
    func serve(isBeyondLimit: Bool) async {
        defer { stream.close() }
        do throws(StreamError) {
            try await stream.handshake(until: now + limits.headerTimeout)
        } catch { return }
        if isBeyondLimit { return await refuse(.tooManyConnections) }
        var timeout = limits.headerTimeout
        while let exchange = await nextExchange(timeout: timeout) {
            await server.handler.respond(to: exchange)
            guard await exchange.conclude() else { return }
            timeout = limits.idleTimeout
        }
    }

    /// Lets the client make one more request, whose response announces the close.
    func retire() { state.retire() }

    /// Finishes the exchange under way, then closes. Closes now where there is none.
    func drain() {
        if state.drain() { stream.socket.interrupt() }
    }

    /// Ends now, even in the middle of an exchange.
    func abort() {
        state.abortConnection()
        stream.socket.interrupt()
    }

    // MARK: Heads

    /// Reads a request's head; nil where the connection is to be closed instead.
    @inline(never)
    private func nextExchange(timeout: Duration) async -> ServerExchange? {
        beginIntake()
        do throws(ExchangeError) {
            return try await readHead(timeout: timeout) ? exchange() : nil
        } catch {
            switch error {
            case .malformed(let fault): await refuse(.malformed(fault))
            case .timedOut: await refuse(.headTimeout)
            case .clientGone: break
            }
            return nil
        }
    }

    @inline(never)
    private func beginIntake() { intake = HeadIntake(RequestHeadReader(limit: limits.headerBytes)) }

    /// The exchange of the head that has come.
    @inline(never)
    private func exchange() -> ServerExchange? {
        guard let head = intake?.head else { return nil }
        intake = nil
        do throws(ConnectionStateError) { try state.headReceived(head) } catch { return nil }
        return ServerExchange(head, on: self)
    }

    /// Reads a head. Returns false where the client sends none, or the server ends first.
    private func readHead(timeout: Duration) async throws(ExchangeError) -> Bool {
        var deadline = now + timeout
        while state.mayReadHead {
            switch try await receive(until: deadline) {
            case .bytes(let count):
                if try readHead(count) { deadline = now + limits.headerTimeout }
                if intake?.isComplete == true { return true }
            case .timedOut:
                if state.isIdle { return false }
                throw .timedOut
            case .end, .other: return false
            case .interrupted: continue
            }
        }
        return false
    }

    /// Reads the `count` received bytes into the intake. Returns true where the head has begun with them.
    @inline(never)
    private func readHead(_ count: Int) throws(ExchangeError) -> Bool {
        do throws(HTTP1Error) {
            try consumeInput(count) { bytes throws(HTTP1Error) in try intake?.read(bytes) ?? 0 }
        } catch { throw .malformed(error) }
        guard intake?.isEmpty == false else { return false }
        do throws(ConnectionStateError) { return try state.headBytesReceived() } catch { throw .clientGone }
    }

    // MARK: Input

    /// Waits for bytes, unless some were kept. `consumeInput` has them until the next `await`.
    func receive(until deadline: MonotonicTime) async throws(ExchangeError) -> ByteStream.Received {
        if state.isAborted { throw .clientGone }
        if hasInput { return .bytes(0) }
        do throws(StreamError) { return try await stream.receive(until: deadline) } catch { throw ExchangeError(error) }
    }

    /// Lends `use` the bytes that were kept, or else the `count` bytes that were received. `use` returns how many it
    /// used, and the others are kept.
    @inline(never)
    func consumeInput(_ count: Int, _ use: (Span<UInt8>) throws(HTTP1Error) -> Int) throws(HTTP1Error) {
        guard hasInput else {
            let used = try stream.withReceived(count, use)
            if used < count { input.append(contentsOf: stream.received[used..<count]) }
            return
        }
        let kept = input
        inputStart += try use(kept.span.extracting(inputStart...))
        if inputStart == input.count {
            input = []
            inputStart = 0
        }
    }

    /// True where bytes were received that are not used yet.
    var hasInput: Bool { inputStart < input.count }

    /// Returns the bytes that were received and not used, and forgets them.
    func removeInput() -> [UInt8] {
        defer {
            input = []
            inputStart = 0
        }
        return Array(input[inputStart...])
    }

    // MARK: Ends

    /// Sends the handler's response to `fault`. The connection closes after it.
    @inline(never)
    private func refuse(_ fault: ServerFault) async {
        state.requestFailed()
        let response = server.handler.response(to: fault)
        guard let start = state.startResponse(status: response.status, length: .exact(response.body.count)) else {
            return
        }
        var writer = HeadWriter()
        writer.status(response.status)
        for field in response.fields { writer.field(field.name, field.value) }
        start.writeFields(to: &writer)
        writer.end()
        do throws(StreamError) {
            try writer.bytes.span.withUnsafeBytes { bytes throws(StreamError) in try stream.send(bytes) }
            if case .plain = state.bodyWritten(response.body.count) { try await send(response.body) }
        } catch { return }
        await linger()
    }

    private func send(_ bytes: [UInt8]) async throws(StreamError) {
        try bytes.span.withUnsafeBytes { bytes throws(StreamError) in try stream.send(bytes) }
        try await stream.flush(timeout: limits.bodyTimeout)
    }

    /// Finishes sending and waits for the client to close. A close with bytes unread would make the system send a
    /// reset, which overtakes the response (RFC 9112, section 9.6).
    @inline(never)
    func linger() async {
        stream.finishSending()
        let start = now
        var discarded = 0
        while !state.isAborted {
            let deadline = TransferFloor.discarding.deadline(from: start, after: discarded)
            // A peer that is always ready is never late.
            guard now < deadline else { return }
            do throws(StreamError) {
                guard case .bytes(let count) = try await stream.receive(until: deadline) else { return }
                discarded += count
            } catch { return }
        }
    }
}
