import Clocks
import HTTP1
import Transport

/// One request and its response, used on the connection's loop until the handler returns.
///
/// `start`, `write` and `finish` collect the response and send nothing. `push` sends all that was written in one system
/// call, without waiting; `flush` waits until the client has read it.
///
/// A misuse (a second `start`, bytes outside the response, more or fewer bytes than announced) aborts the response: the
/// client sees that it is incomplete, and the connection closes.
package final class ServerExchange {
    // Hot fields first: each piece of a response touches them.
    let connection: ServerConnection
    private var output: [UInt8] = []
    private var body: BodyReader
    /// Bytes of the request's body that were read.
    private var bodyBytes = 0
    /// The request's head.
    package let head: RequestHead
    /// Time at which the head was complete.
    package let startedAt: MonotonicTime

    init(_ head: RequestHead, on connection: ServerConnection) {
        self.head = head
        self.connection = connection
        startedAt = connection.now
        body = BodyReader(head.framing)
    }

    /// The loop that the exchange runs on.
    package var loop: EventLoop { connection.stream.socket.loop }

    /// The client's socket, to be watched during other waits.
    package var clientSocket: Socket { connection.stream.socket }

    /// True where the client's connection has TLS.
    package var isSecure: Bool { connection.stream.isSecure }

    /// The client's IP address; empty for a client that has left.
    package var clientAddress: String { SocketAddress(ofPeer: clientSocket.descriptor)?.host ?? "" }

    /// True once the response's head is written: too late for another status.
    package var hasStarted: Bool { connection.state.responseHasStarted }

    /// True where the server ends at once: give up every wait.
    package var isConnectionAborted: Bool { connection.state.isAborted }

    /// Ends the present wait, as the end of the server does, and leaves the response to the handler. Waits that come later are
    /// not ended, except for those for the request's body. The connection closes after the response.
    package func cancel() {
        connection.state.requestFailed()
        clientSocket.interrupt()
    }

    // MARK: The request's body

    /// True where the request has a body, perhaps an empty one.
    package var hasBody: Bool { head.framing != .none }

    /// Length of the body in bytes as the head announces it; nil for a chunked body.
    package var declaredBodyLength: UInt64? {
        switch head.framing {
        case .none: 0
        case .length(let length): length
        case .chunked, .untilClose: nil
        }
    }

    /// Waits for the next bytes of the request's body and lends them to `receive`, once or more.
    ///
    /// The first call sends 100 (Continue) to a client that waits for it.
    ///
    /// - Returns: false, without a call of `receive`, once the body is complete.
    /// - Throws: `.timedOut` after `ServerLimits.bodyTimeout` of silence or for a body that is slower than
    ///   `ServerLimits.bodyBytesPerSecond`, `.malformed`, or `.clientGone`, also where the body failed before.
    package func readBody(_ receive: (Span<UInt8>) -> Void) async throws(ExchangeError) -> Bool {
        while try wantsBody() {
            let received = try await connection.receive(until: bodyDeadline)
            if try deliver(received, to: receive) { return true }
        }
        return false
    }

    /// Time by which the next bytes of the body have to come. Costs little where they are there.
    @inline(never)
    private var bodyDeadline: MonotonicTime {
        guard !connection.hasInput else { return .never }
        let limits = connection.limits
        let floor = TransferFloor(grace: limits.bodyTimeout, bytesPerSecond: limits.bodyBytesPerSecond)
        return min(connection.now + limits.bodyTimeout, floor.deadline(from: startedAt, after: bodyBytes))
    }

    /// Returns true where more of the body is to come.
    @inline(never)
    private func wantsBody() throws(ExchangeError) -> Bool {
        switch connection.state.bodyWanted(hasUnreadInput: connection.hasInput) {
        case .read: break
        case .sendContinue: try sendContinue()
        case .complete: return false
        case .failed: throw .clientGone
        }
        return true
    }

    /// Lends `receive` the body bytes among those received. Returns true where there were any.
    @inline(never)
    private func deliver(
        _ received: ByteStream.Received, to receive: (Span<UInt8>) -> Void
    ) throws(ExchangeError) -> Bool {
        switch received {
        case .bytes(let count):
            var hasDelivered = false
            do throws(HTTP1Error) {
                try connection.consumeInput(count) { bytes throws(HTTP1Error) in
                    var position = 0
                    while case .data(let range) = try body.next(bytes, &position) {
                        hasDelivered = true
                        bodyBytes += range.count
                        receive(bytes.extracting(range))
                    }
                    return position
                }
            } catch {
                connection.state.requestFailed()
                throw .malformed(error)
            }
            if body.isComplete {
                do throws(ConnectionStateError) { try connection.state.bodyReceived() } catch { throw .clientGone }
            }
            return hasDelivered
        case .timedOut: throw .timedOut
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

    /// Sends 100 (Continue) to a client that has sent everything, where no response has begun: one that listens discards it
    /// (RFC 9110, section 15.2.1), and for one that has left its system resets the connection. HTTP/1.0 has no such response.
    package func probeClient() throws(ExchangeError) {
        if !hasStarted, head.version != .http10 { try sendContinue() }
    }

    // MARK: The response

    /// Begins the response: the status line, the fields that `fields` writes, and those of the framing.
    ///
    /// A body of unknown length is sent in chunks, or until the close for a client that speaks HTTP/1.0.
    package func start(status: Int, length: ResponseLength, fields: (inout HeadWriter) -> Void) {
        guard let start = connection.state.startResponse(status: status, length: length) else { return }
        borrowOutput()
        // Swapped, not copied: with two owners of the buffer the writer would allocate another one.
        var writer = HeadWriter()
        swap(&writer.bytes, &output)
        writer.status(status)
        fields(&writer)
        start.writeFields(to: &writer)
        writer.end()
        swap(&writer.bytes, &output)
    }

    /// Writes a piece of the response's body. Pieces of a body that has none, or was aborted, are dropped.
    package func write(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        switch connection.state.bodyWritten(bytes.count) {
        case .plain:
            borrowOutput()
            output += bytes
        case .chunk:
            borrowOutput()
            ChunkedCoding.begin(size: bytes.count, to: &output)
            output += bytes
            ChunkedCoding.endChunk(to: &output)
        case .discard: break
        }
    }

    /// Ends the response. One that is shorter than announced is aborted instead, so that it cannot look complete.
    package func finish() {
        guard connection.state.responseFinished() else { return }
        borrowOutput()
        ChunkedCoding.last(to: &output)
    }

    /// Aborts the response: the client sees that it is incomplete. What was written before is still sent.
    package func abort() { connection.state.abortResponse() }

    /// Sends what was written, without waiting for the client to read it.
    package func push() throws(ExchangeError) {
        guard !output.isEmpty else { return }
        defer { returnOutput() }
        try send(output)
    }

    /// Sends what was written and waits until the client has read all of it.
    ///
    /// - Throws: `.timedOut` after `ServerLimits.bodyTimeout` without progress, or `.clientGone`.
    package func flush() async throws(ExchangeError) {
        try push()
        guard unsentCount > 0 else { return }
        do throws(StreamError) {
            try await connection.stream.flush(timeout: connection.limits.bodyTimeout)
        } catch { throw ExchangeError(error) }
    }

    /// Number of bytes that were sent and not yet accepted by the system.
    package var unsentCount: Int { connection.stream.unsentCount }

    /// Sends a whole response and waits until the client has read it.
    package func respond(_ whole: ServerResponse) async throws(ExchangeError) {
        write(whole)
        try await flush()
    }

    /// Writes a whole response.
    @inline(never)
    package func write(_ whole: ServerResponse) {
        start(status: whole.status, length: .exact(whole.body.count)) { writer in
            for field in whole.fields { writer.field(field.name, field.value) }
        }
        write(whole.body)
        finish()
    }

    /// Responds with 101 (Switching Protocols) and returns the connection, which closes when the handler returns.
    ///
    /// - Parameters:
    ///   - fields: writes the fields, `upgrade` and `connection` among them.
    ///   - early: receives the bytes that came after the request's head, if any.
    package func switchProtocols(
        fields: (inout HeadWriter) -> Void, early: (Span<UInt8>) throws(StreamError) -> Void
    ) async throws(ExchangeError) -> ByteStream {
        guard connection.state.protocolsSwitched() else { throw .clientGone }
        var writer = HeadWriter()
        writer.status(101)
        fields(&writer)
        writer.end()
        try send(writer.bytes)
        let kept = connection.removeInput()
        do throws(StreamError) {
            if !kept.isEmpty { try early(kept.span) }
            try await connection.stream.flush(timeout: connection.limits.bodyTimeout)
        } catch { throw ExchangeError(error) }
        return connection.stream
    }

    /// Waits for `duration`. Returns false as soon as the client closes, or at an interruption.
    package func pause(for duration: Duration) async -> Bool {
        await clientSocket.wait(for: .peerFinished, until: connection.now + duration) == .timedOut
    }

    /// Ends the exchange after the handler has returned.
    ///
    /// - Returns: true where the connection can take another request; else it is to be closed.
    @inline(never)
    func conclude() async -> Bool {
        do throws(ExchangeError) { try await flush() } catch { return false }
        var next = connection.state.exchangeEnded()
        if next == .discardBody {
            await discardBody()
            next = connection.state.exchangeEnded()
        }
        switch next {
        case .readNextRequest: return true
        case .discardBody: break
        case .close: break
        case .linger: await connection.linger()
        case .reset: connection.stream.socket.reset()
        }
        return false
    }

    /// Reads the rest of the request's body and drops it, so that the client can send it and read the response, which is
    /// sent. A body that does not end in time fails: the connection then closes.
    @inline(never)
    private func discardBody() async {
        let (start, before) = (connection.now, bodyBytes)
        do throws(ExchangeError) {
            while try wantsBody() {
                let deadline = TransferFloor.discarding.deadline(from: start, after: bodyBytes - before)
                // A client that is always ready is never late.
                guard connection.now < deadline else { throw .timedOut }
                _ = try deliver(try await connection.receive(until: deadline), to: { _ in })
            }
        } catch { connection.state.requestFailed() }
    }

    private func send(_ bytes: [UInt8]) throws(ExchangeError) {
        do throws(StreamError) {
            try bytes.span.withUnsafeBytes { bytes throws(StreamError) in try connection.stream.send(bytes) }
        } catch { throw ExchangeError(error) }
    }

    // MARK: The loop's output buffer

    /// Takes the loop's buffer, unless the exchange has one. It is this exchange's from the first write to the push,
    /// between which no wait may come.
    private func borrowOutput() {
        if output.capacity == 0 { swap(&output, &loop.outputBuffer) }
    }

    private func returnOutput() {
        output.removeAll(keepingCapacity: true)
        if loop.outputBuffer.capacity == 0 { swap(&output, &loop.outputBuffer) } else { output = [] }
    }
}
