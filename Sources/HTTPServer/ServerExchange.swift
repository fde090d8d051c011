import Clocks
import HTTP1
import Transport

/// One request and its answer, on the connection's loop.
///
/// The answer is written by `start`, `write` and `finish`, which send nothing by themselves: `push` sends all that was
/// written, in one system call, without waiting; `flush` waits until the caller has taken it.
package final class ServerExchange {
    // What every piece of an answer needs comes first, to lie together in memory.
    private let connection: ServerConnection
    private var output: [UInt8] = []
    private var answer = Answer.notStarted
    private var owesContinue: Bool
    private var body: BodyReader
    /// The request's head.
    package let head: RequestHead
    /// When the head was complete.
    package let startedAt: MonotonicTime

    /// How far the answer is.
    private enum Answer {
        case notStarted
        /// `remaining` bytes of the body are still to come.
        case sized(remaining: Int)
        case chunked
        /// The end of the connection is the end of the body: for callers that speak HTTP/1.0.
        case untilClose
        /// A head whose body nobody wants: for HEAD, 204 and 304.
        case bodiless
        case complete
        /// The connection speaks another protocol now, and ends with it.
        case switched
        /// Cut short. `looksComplete` where an orderly close would say that it is whole.
        case aborted(looksComplete: Bool)
    }

    init(_ head: RequestHead, on connection: ServerConnection) {
        self.head = head
        self.connection = connection
        startedAt = .now
        body = BodyReader(head.framing)
        owesContinue = head.expectsContinue
        if body.isComplete { connection.state.requestBodyComplete() }
    }

    /// The loop that the exchange runs on.
    package var loop: EventLoop { connection.stream.socket.loop }

    /// The caller's socket, to be watched while something else is waited for.
    package var caller: Socket { connection.stream.socket }

    /// Whether the answer's head is on its way: too late for another status.
    package var hasStarted: Bool { if case .notStarted = answer { false } else { true } }

    // MARK: The request's body

    /// Whether the request has a body.
    package var hasBody: Bool { head.framing != .none }

    /// The body's length where the head says it; nil for a chunked one.
    package var declaredBodyLength: UInt64? {
        switch head.framing {
        case .none: 0
        case .length(let length): length
        case .chunked, .untilClose: nil
        }
    }

    /// Hands `take` the next piece of the request's body, which may be any part of it.
    ///
    /// - Returns: false, and `take` is not called, once the body is complete.
    package func readBody(_ take: (Span<UInt8>) -> Void) async throws(ExchangeError) -> Bool {
        while try awaitsBody() {
            let received = try await connection.receive(until: .now + connection.limits.bodyTimeout)
            if try pass(received, to: take) { return true }
        }
        return false
    }

    /// Whether more of the body is to come; the caller is told to go on where it waits for that.
    @inline(never)
    private func awaitsBody() throws(ExchangeError) -> Bool {
        if body.isComplete { return false }
        if owesContinue {
            owesContinue = false
            if !connection.hasInput { try sendContinue() }
        }
        return true
    }

    /// Hands `take` what was received of the body, and says whether that was any.
    @inline(never)
    private func pass(
        _ received: ByteStream.Received, to take: (Span<UInt8>) -> Void
    ) throws(ExchangeError) -> Bool {
        switch received {
        case .bytes(let count):
            var tookAny = false
            try connection.useInput(count) { bytes throws(ExchangeError) in
                var position = 0
                do throws(HTTP1Error) {
                    while case .data(let range) = try body.next(bytes, &position) {
                        tookAny = true
                        take(bytes.extracting(range))
                    }
                } catch {
                    connection.state.failed()
                    throw .malformed(error)
                }
                return position
            }
            if body.isComplete { connection.state.requestBodyComplete() }
            return tookAny
        case .timedOut: throw .slow
        case .end, .other: throw .clientGone
        case .interrupted: return false
        }
    }

    @inline(never)
    private func sendContinue() throws(ExchangeError) {
        var writer = HeadWriter()
        writer.status(100)
        writer.end()
        try send(writer.bytes)
    }

    // MARK: The answer

    /// Begins the answer: its status line, the fields that `fields` writes, and those of the framing.
    ///
    /// `length` is the body's length where it is known. A body of unknown length goes out in chunks, or until the
    /// connection's end where the caller speaks HTTP/1.0.
    package func start(status: Int, length: Int?, fields: (inout HeadWriter) -> Void) {
        precondition(!hasStarted, "an exchange has one answer")
        borrowOutput()
        var writer = HeadWriter(reusing: output)
        output = []
        writer.status(status)
        fields(&writer)
        var keepAlive = !connection.state.mustClose
        if status == 204 || status == 304 || head.fields.equals(head.method, "head") {
            if let length, status != 204 { writer.field("content-length", length) }
            answer = .bodiless
        } else if let length {
            writer.field("content-length", length)
            answer = .sized(remaining: length)
        } else if head.version == .http11 {
            writer.field("transfer-encoding", "chunked")
            answer = .chunked
        } else {
            keepAlive = false
            answer = .untilClose
        }
        if !keepAlive {
            writer.field("connection", "close")
        } else if head.version == .http10 {
            writer.field("connection", "keep-alive")
        }
        writer.end()
        output = writer.bytes
        connection.state.responseStarted(keepAlive: keepAlive)
    }

    /// Writes a piece of the answer's body.
    package func write(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        borrowOutput()
        switch answer {
        case .sized(let remaining):
            // What is too long for the announced length would be read as the next response.
            guard bytes.count <= remaining else { return abort() }
            answer = .sized(remaining: remaining - bytes.count)
            output += bytes
        case .chunked:
            ChunkedCoding.begin(size: bytes.count, to: &output)
            output += bytes
            ChunkedCoding.endChunk(to: &output)
        case .untilClose: output += bytes
        case .bodiless: break
        case .aborted: break
        case .notStarted, .complete, .switched: preconditionFailure("a body outside of an answer")
        }
    }

    /// Ends the answer. One that is shorter than it said is cut instead, so that it cannot look complete.
    package func finish() {
        switch answer {
        case .sized(remaining: 0), .untilClose, .bodiless: answer = .complete
        case .chunked:
            borrowOutput()
            ChunkedCoding.last(to: &output)
            answer = .complete
        case .sized, .notStarted, .complete, .switched, .aborted: abort()
        }
    }

    /// Cuts the answer short: the caller must see that it is not whole. What was written before still goes out.
    package func abort() {
        if case .untilClose = answer {
            answer = .aborted(looksComplete: true)
        } else {
            answer = .aborted(looksComplete: false)
        }
    }

    /// Whether the server is to end at once: whatever is waited for is to be given up.
    package var isAborted: Bool { connection.isAborted }

    /// Sends what was written, without waiting for the caller to take it.
    package func push() throws(ExchangeError) {
        guard !output.isEmpty else { return }
        defer { returnOutput() }
        try send(output)
    }

    /// Sends what was written and waits until the caller has taken all of it.
    package func flush() async throws(ExchangeError) {
        try push()
        guard unsentCount > 0 else { return }
        do throws(StreamError) {
            try await connection.stream.flush(timeout: connection.limits.bodyTimeout)
        } catch { throw ExchangeError(error) }
    }

    /// Bytes that the caller has not taken yet.
    package var unsentCount: Int { connection.stream.unsentCount }

    /// A whole answer in one go.
    package func respond(_ whole: ServerResponse) async throws(ExchangeError) {
        start(status: whole.status, length: whole.body.count) { writer in
            for field in whole.fields { writer.field(field.name, field.value) }
        }
        write(whole.body)
        finish()
        try await flush()
    }

    /// Answers with 101 (Switching Protocols) and hands out the connection, which the exchange closes when the handler is done.
    ///
    /// - Parameters:
    ///   - fields: writes the answer's fields, `upgrade` and `connection` among them.
    ///   - early: is given what has come behind the request's head, if anything has.
    package func switchProtocols(
        fields: (inout HeadWriter) -> Void, early: (Span<UInt8>) throws(StreamError) -> Void
    ) async throws(ExchangeError) -> ByteStream {
        precondition(!hasStarted, "an exchange has one answer")
        var writer = HeadWriter()
        writer.status(101)
        fields(&writer)
        writer.end()
        answer = .switched
        connection.state.responseStarted(keepAlive: false)
        try send(writer.bytes)
        let kept = connection.takeInput()
        do throws(StreamError) {
            if !kept.isEmpty { try early(kept.span) }
            try await connection.stream.flush(timeout: connection.limits.bodyTimeout)
        } catch { throw ExchangeError(error) }
        return connection.stream
    }

    /// Waits for `duration`, or less where the caller goes away; false then.
    package func pause(for duration: Duration) async -> Bool {
        await caller.wait(for: .peerFinished, until: .now + duration) == .timedOut
    }

    /// Called when the handler is done.
    ///
    /// - Returns: whether the connection can take another request.
    @inline(never)
    func conclude() async -> Bool {
        guard hasStarted else { return false }
        do throws(ExchangeError) { try await flush() } catch { return false }
        switch answer {
        case .complete:
            if case .keepOpen = connection.state.responseComplete() { return true }
            await connection.linger()
        case .switched: break
        case .aborted(looksComplete: true): connection.stream.socket.reset()
        case .aborted(looksComplete: false), .notStarted, .sized, .chunked, .untilClose, .bodiless:
            await connection.linger()
        }
        return false
    }

    private func send(_ bytes: [UInt8]) throws(ExchangeError) {
        do throws(StreamError) {
            try bytes.span.withUnsafeBytes { bytes throws(StreamError) in try connection.stream.send(bytes) }
        } catch { throw ExchangeError(error) }
    }

    // MARK: The loop's output buffer

    /// Between the first write and the push, which are not parted by a wait, the loop's buffer is this exchange's.
    private func borrowOutput() {
        if output.capacity == 0 { swap(&output, &loop.outputBuffer) }
    }

    private func returnOutput() {
        output.removeAll(keepingCapacity: true)
        if loop.outputBuffer.capacity == 0 { swap(&output, &loop.outputBuffer) } else { output = [] }
    }
}
