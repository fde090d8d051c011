import Clocks
import HTTP1
import Transport

/// Why an exchange, or the wait for one, cannot go on.
package enum ExchangeError: Error, Sendable, Hashable {
    /// The caller's bytes are not HTTP/1.1.
    case malformed(HTTP1Error)
    /// The caller gave or took nothing for too long.
    case slow
    /// The caller closed the connection, or it broke; or the server is to end at once.
    case clientGone

    init(_ error: StreamError) { self = error == .timedOut ? .slow : .clientGone }
}

/// One connection from its acceptance to its end: reads heads, hands exchanges to the handler one after the other, in order.
///
/// Bytes that came behind what was asked for (a body behind its head, a pipelined request) are kept in `input` until they are
/// asked for. Nothing else is held between two requests.
final class ServerConnection {
    let stream: ByteStream
    var state = ServerConnectionState()
    private let server: HTTPServer
    private var input: [UInt8] = []
    private var inputStart = 0
    private var isWaitingForRequest = true
    private(set) var isAborted = false

    init(_ stream: ByteStream, of server: HTTPServer) {
        self.stream = stream
        self.server = server
    }

    var limits: ServerLimits { server.limits }

    /// Serves until the connection is over, then closes it.
    func serve(isFull: Bool) async {
        defer { stream.close() }
        do throws(StreamError) {
            try await stream.handshake(until: .now + limits.headerTimeout)
        } catch { return }
        if isFull { return await refuse(.full) }
        var timeout = limits.headerTimeout
        while let exchange = await nextExchange(timeout: timeout) {
            await server.handler.respond(to: exchange)
            guard await exchange.conclude() else { return }
            timeout = limits.idleTimeout
        }
    }

    /// Finishes what is at hand, then closes; closes now where nothing is.
    func drain() {
        state.drain()
        if isWaitingForRequest { stream.socket.interrupt() }
    }

    /// Ends now, whatever is at hand.
    func abort() {
        isAborted = true
        stream.socket.interrupt()
    }

    // MARK: Heads

    /// The exchange of the next request, once its head is complete; nil where the connection is to be closed instead.
    @inline(never)
    private func nextExchange(timeout: Duration) async -> ServerExchange? {
        let intake = HeadIntake(limit: limits.headerBytes)
        do throws(ExchangeError) {
            return try await read(intake, timeout: timeout) ? exchange(of: intake) : nil
        } catch {
            switch error {
            case .malformed(let fault):
                state.failed()
                await refuse(.malformed(fault))
            case .slow: await refuse(.headTimeout)
            case .clientGone: break
            }
            return nil
        }
    }

    @inline(never)
    private func exchange(of intake: HeadIntake) -> ServerExchange? {
        guard let head = intake.head else { return nil }
        state.requestHeadComplete(head)
        return ServerExchange(head, on: self)
    }

    /// Reads a head; false where the caller sends none.
    private func read(_ intake: HeadIntake, timeout: Duration) async throws(ExchangeError) -> Bool {
        var deadline = MonotonicTime.now + timeout
        isWaitingForRequest = true
        while true {
            if state.mustClose, intake.isEmpty { return false }
            let wasEmpty = intake.isEmpty
            let received = try await receive(until: deadline)
            if case .bytes(let count) = received {
                try useInput(count) { bytes throws(ExchangeError) in try intake.read(bytes) }
            }
            if intake.isComplete {
                isWaitingForRequest = false
                return true
            }
            switch received {
            case .bytes:
                isWaitingForRequest = intake.isEmpty
                if !intake.isEmpty { state.requestHeadStarted() }
                if wasEmpty { deadline = .now + limits.headerTimeout }
            case .timedOut:
                if intake.isEmpty { return false }
                throw .slow
            case .end, .other: return false
            case .interrupted:
                if isAborted { return false }
            }
        }
    }

    /// Waits for bytes, unless some were kept. They are there for `useInput`, until the next `await`.
    func receive(until deadline: MonotonicTime) async throws(ExchangeError) -> ByteStream.Received {
        if isAborted { throw .clientGone }
        if hasInput { return .bytes(0) }
        do throws(StreamError) { return try await stream.receive(until: deadline) } catch { throw ExchangeError(error) }
    }

    /// Hands `take` the bytes that were kept, or else the `count` that were received; `take` says how many it used, and the rest is
    /// kept.
    @inline(never)
    func useInput(_ count: Int, _ take: (Span<UInt8>) throws(ExchangeError) -> Int) throws(ExchangeError) {
        guard hasInput else {
            let used = try stream.withReceived(count, take)
            if used < count { input.append(contentsOf: stream.received[used..<count]) }
            return
        }
        let kept = input
        inputStart += try take(kept.span.extracting(inputStart...))
        if inputStart == input.count {
            input = []
            inputStart = 0
        }
    }

    /// Whether bytes are at hand that nobody has asked for yet.
    var hasInput: Bool { inputStart < input.count }

    /// What has been read but not asked for.
    func takeInput() -> [UInt8] {
        defer {
            input = []
            inputStart = 0
        }
        return Array(input[inputStart...])
    }

    // MARK: Ends

    @inline(never)
    private func refuse(_ fault: ServerFault) async {
        let answer = server.handler.answer(to: fault)
        var writer = HeadWriter()
        writer.status(answer.status)
        for field in answer.fields { writer.field(field.name, field.value) }
        writer.field("content-length", answer.body.count)
        writer.field("connection", "close")
        writer.end()
        do throws(StreamError) {
            try writer.bytes.span.withUnsafeBytes { bytes throws(StreamError) in try stream.send(bytes) }
            try await send(answer.body)
        } catch { return }
        await linger()
    }

    private func send(_ bytes: [UInt8]) async throws(StreamError) {
        try bytes.span.withUnsafeBytes { bytes throws(StreamError) in try stream.send(bytes) }
        try await stream.flush(timeout: limits.bodyTimeout)
    }

    /// Closes such that the caller gets all that was sent: a close with bytes unread would make the system reset the
    /// connection, and a reset overtakes the answer (RFC 9112, section 9.6).
    @inline(never)
    func linger() async {
        stream.finishSending()
        let deadline = MonotonicTime.now + .seconds(2)
        var discarded = 0
        while discarded < 4 << 20, !isAborted {
            do throws(StreamError) {
                guard case .bytes(let count) = try await stream.receive(until: deadline) else { return }
                discarded += count
            } catch { return }
        }
    }
}

/// A head on its way in. It is an object, and not in the memory of the task, which keeps the room of its largest moment for as long as
/// it lives.
private final class HeadIntake {
    private var reader: RequestHeadReader
    /// The head, once it is complete.
    private(set) var head: RequestHead?

    @inline(never)
    init(limit: Int) { reader = RequestHeadReader(limit: limit) }

    /// Whether nothing of the head has come.
    private(set) var isEmpty = true

    var isComplete: Bool { head != nil }

    /// Reads on in `bytes`, and returns how many of them belong to the head.
    @inline(never)
    func read(_ bytes: Span<UInt8>) throws(ExchangeError) -> Int {
        defer { isEmpty = reader.isEmpty }
        do throws(HTTP1Error) {
            switch try reader.read(bytes) {
            case .needsMore: return bytes.count
            case .complete(let complete, let consumed):
                head = complete
                return consumed
            }
        } catch { throw .malformed(error) }
    }
}
