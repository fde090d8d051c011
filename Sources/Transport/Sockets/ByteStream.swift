import Clocks

/// The bytes of one connection, plain or under TLS. It owns its socket and is used by one task on the socket's loop.
///
/// Reading uses the loop's buffer: the bytes that `receive` reports are in `received` until the next `await`. Writing sends at once
/// what the system accepts, and copies only the rest. So a quiet or fast connection holds no buffer.
///
/// ```swift
/// guard case .bytes(let count) = try await stream.receive(until: loop.now + .seconds(30)) else { return }
/// try stream.send(UnsafeRawBufferPointer(rebasing: stream.received[..<count]))
/// try await stream.flush(timeout: .seconds(30))
/// ```
///
/// - Soundness of `@exclusivity(unchecked)`: each access to such a variable ends before other code runs, so no two accesses can
///   overlap.
@usableFromInline
package final class ByteStream {
    /// The result of a wait for bytes.
    package enum Received: Sendable, Equatable {
        /// The number of bytes that are in `received`.
        case bytes(Int)
        /// The peer has finished sending; under TLS, with `close_notify`.
        case end
        /// The deadline passed.
        case timedOut
        /// The watched socket became ready first.
        case other
        /// `Socket.interrupt` was called.
        case interrupted
    }

    package let socket: Socket
    private let session: TLSSession?
    /// The readiness that a read needs. Under TLS it can be room to write.
    @exclusivity(unchecked) package private(set) var readInterest: Readiness = .readable
    private var unsent = UnsentBytes()

    /// True where the connection has TLS.
    package var isSecure: Bool { session != nil }

    /// Takes ownership of `socket`. With a `session`, call `handshake` first.
    package init(_ socket: Socket, session: TLSSession? = nil) {
        self.socket = socket
        self.session = session
    }

    /// The loop's buffer. It begins with the bytes received last, until the next `await`.
    @usableFromInline package var received: UnsafeMutableRawBufferPointer { socket.loop.readBuffer }

    /// Called once, at the first `close`: for an owner that counts connections and hands this one over.
    package var onClose: (() -> Void)?

    /// Closes both directions. Unsent bytes are lost.
    package func close() {
        socket.close()
        onClose.take()?()
    }

    /// Tells the peer that this side has finished: `close_notify` under TLS, then the end of the byte stream.
    package func finishSending() {
        _ = try? session?.sendCloseNotify()
        socket.finishSending()
    }

    /// Completes the TLS handshake. Does nothing on a plain connection.
    package func handshake(until deadline: MonotonicTime) async throws(StreamError) {
        guard let session else { return }
        while true {
            let interest: Readiness
            switch try Self.step({ () throws(TLSError) -> TLSStep in try session.handshake() }) {
            case .wantsRead: interest = .readable
            case .wantsWrite: interest = .writable
            case .done:
                // The session may hold bytes that came with the end of the handshake: no edge will announce them.
                if session.hasPendingPlaintext { socket.assumeReadable() }
                return
            case .closed: throw .tls(.handshake("the peer closed the connection in the handshake"))
            }
            socket.wouldBlock(interest)
            if await socket.wait(for: interest, until: deadline) == .timedOut { throw .timedOut }
        }
    }

    // MARK: Fairness

    /// The bytes that were received and sent since other work last had the loop because of this stream.
    @exclusivity(unchecked) private var movedSinceYield = 0
    /// The number of bytes that a stream may move before it yields: less than a millisecond's work.
    private static let quantum = 256 << 10

    /// True when the stream has moved enough bytes to `yield`.
    package var exceededQuantum: Bool { movedSinceYield >= Self.quantum }

    /// Yields the loop to other ready work; two peers that are always ready would otherwise starve it.
    ///
    /// - Returns: `.interrupted` if the socket of this stream, or `other`, was interrupted in the meantime; else `.ready`.
    package func yield(or other: Socket? = nil) async -> Wake {
        movedSinceYield = 0
        let before = (socket.interrupts, other?.interrupts)
        await Task.yield()
        return before == (socket.interrupts, other?.interrupts) ? .ready : .interrupted
    }

    // MARK: Reading

    /// Reads the bytes that are there now into the loop's buffer; nil if there are none.
    package func read() throws(StreamError) -> Received? {
        guard let session else {
            switch socket.read(into: received) {
            case .bytes(let count):
                movedSinceYield += count
                return .bytes(count)
            case .end: return .end
            case .wouldBlock: return nil
            case .failed(let number): throw .broken(SystemError("recv", number))
            }
        }
        return try read(session)
    }

    /// Reads as many TLS records as fit: a record holds at most 16 KiB, and each read costs the forwarder a write.
    private func read(_ session: TLSSession) throws(StreamError) -> Received? {
        var filled = 0
        while filled < received.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: received[filled...])
            let step: TLSStep
            do throws(TLSError) {
                step = try session.read(into: rest)
            } catch {
                if filled > 0 { break }  // The bytes before the fault are good. The next read fails again.
                throw .tls(error)
            }
            switch step {
            case .done(let count):
                filled += count
                continue
            case .closed: return filled > 0 ? .bytes(filled) : .end
            case .wantsRead: readInterest = .readable
            case .wantsWrite: readInterest = .writable
            }
            socket.wouldBlock(readInterest)
            break
        }
        movedSinceYield += filled
        return filled > 0 ? .bytes(filled) : nil
    }

    /// Waits for bytes, or until `other` is ready for `otherInterest`, or until `deadline`.
    package func receive(
        until deadline: MonotonicTime, or other: Socket? = nil, for otherInterest: Readiness = .peerFinished
    ) async throws(StreamError) -> Received {
        while true {
            if exceededQuantum, await yield(or: other) == .interrupted { return .interrupted }
            if let other, other.isReady(for: otherInterest) { return .other }
            if mayRead, let received = try read() { return received }
            switch await socket.wait(for: readInterest, or: other, for: otherInterest, until: deadline) {
            case .ready: continue
            case .timedOut: return .timedOut
            case .interrupted: return .interrupted
            }
        }
    }

    /// True when a read may bring something.
    package var mayRead: Bool { socket.isReady(for: readInterest) }

    /// Calls `body` with the first `count` bytes received.
    @inlinable
    package func withReceived<Result, Failure: Error>(
        _ count: Int, _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(Span(_unsafeBytes: UnsafeRawBufferPointer(rebasing: received[..<count])))
    }

    // MARK: Writing

    /// The number of bytes that were sent on this stream and that the system has not accepted.
    package var unsentCount: Int { unsent.count }

    /// The number of bytes that the system has accepted. Under TLS, records and handshake are included.
    package var transportBytesSent: UInt64 { session?.bytesWrittenToDescriptor ?? plainBytesSent }
    @exclusivity(unchecked) private var plainBytesSent: UInt64 = 0

    /// Sends `bytes` after everything sent before. Copies what the system does not accept; `flush` waits for it.
    package func send(_ bytes: UnsafeRawBufferPointer) throws(StreamError) {
        guard unsentCount == 0 else { return unsent.append(bytes) }
        let sent = try transmit(bytes)
        if sent < bytes.count { unsent.append(bytes, from: sent) }
    }

    /// Sends `first` and `second`, with one system call if the connection is plain.
    package func send(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) throws(StreamError) {
        guard unsentCount == 0, session == nil else {
            try send(first)
            return try send(second)
        }
        let sent: Int
        switch socket.write(first, second) {
        case .bytes(let count): sent = count
        case .wouldBlock, .end: sent = 0
        case .failed(let number): throw .broken(SystemError("sendmsg", number))
        }
        plainBytesSent += UInt64(sent)
        movedSinceYield += sent
        guard sent < first.count + second.count else { return }
        unsent.append(first, from: min(sent, first.count))
        unsent.append(second, from: max(0, sent - first.count))
    }

    /// Waits until the system has accepted everything.
    ///
    /// - Parameters:
    ///   - yieldsToReading: return early when the peer has sent something.
    ///   - other: a socket whose interruption ends the wait too.
    /// - Returns: false after an early return.
    /// - Throws: `.timedOut` if the system accepts nothing for `timeout`, `.interrupted` if a socket was interrupted, and the
    ///   failures of the connection.
    @discardableResult
    package func flush(
        timeout: Duration, yieldsToReading: Bool = false, or other: Socket? = nil
    ) async throws(StreamError) -> Bool {
        while unsentCount > 0 {
            let interest: Readiness = yieldsToReading ? .readableOrWritable : .writable
            switch await socket.wait(for: interest, or: other, until: socket.loop.now + timeout) {
            case .ready: break
            case .timedOut: throw .timedOut
            case .interrupted: throw .interrupted
            }
            if yieldsToReading, socket.isReady(for: .readable) { return false }
            try sendWhatIsLeft()
        }
        return true
    }

    /// Sends as many of the unsent bytes as the system accepts now.
    @inline(never)
    package func sendWhatIsLeft() throws(StreamError) {
        guard unsentCount > 0 else { return }
        try unsent.drain { bytes throws(StreamError) -> Int in try transmit(bytes) }
    }

    /// Writes until the system accepts no more. Returns the number of bytes that it accepted.
    private func transmit(_ bytes: UnsafeRawBufferPointer) throws(StreamError) -> Int {
        var sent = 0
        defer { movedSinceYield += sent }
        while sent < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
            if let session {
                switch try Self.step({ () throws(TLSError) -> TLSStep in try session.write(rest) }) {
                case .done(let count): sent += count
                case .wantsWrite:
                    socket.wouldBlock(.writable)
                    return sent
                case .wantsRead: return sent
                case .closed: throw .tls(.closed)
                }
            } else {
                switch socket.write(rest) {
                case .bytes(let count):
                    plainBytesSent += UInt64(count)
                    sent += count
                    if sent < bytes.count { return sent }
                case .wouldBlock, .end: return sent
                case .failed(let number): throw .broken(SystemError("send", number))
                }
            }
        }
        return sent
    }

    private static func step(_ body: () throws(TLSError) -> TLSStep) throws(StreamError) -> TLSStep {
        do throws(TLSError) {
            return try body()
        } catch {
            throw .tls(error)
        }
    }
}
