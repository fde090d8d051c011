import Clocks

/// Why a connection's bytes stopped. Indirect, so that a task that waits keeps no room for it.
package indirect enum StreamError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The connection is dead: reset by the peer, or unreachable.
    case broken(SystemError)
    /// TLS failed, in the handshake or later.
    case tls(TLSError)
    /// The peer took or gave nothing for too long.
    case timedOut

    package var description: String {
        switch self {
        case .broken(let error): error.description
        case .tls(let error): error.message
        case .timedOut: "no progress in time"
        }
    }
}

/// The bytes of one connection, plain or under TLS. The one owner of its socket, used by one task on the socket's loop.
///
/// Reading lends the loop's buffer: what `receive` brought is in `received` until the next `await`. Writing sends at once what
/// the system takes and copies the rest alone, so that a connection that is quiet or quick holds no buffer.
package final class ByteStream {
    /// How a wait for bytes ended.
    package enum Received: Sendable, Equatable {
        /// So many bytes are in `received`.
        case bytes(Int)
        /// The peer has finished sending; under TLS, properly.
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
    /// What a read waits for: under TLS it may be room to write.
    package private(set) var readInterest: Readiness = .readable
    private var unsent: [UInt8] = []
    private var unsentStart = 0

    /// Takes `socket` over. With a `session`, `handshake` comes before all else.
    package init(_ socket: Socket, session: TLSSession? = nil) {
        self.socket = socket
        self.session = session
    }

    /// The loop's buffer, whose first bytes are what was received last. Valid until the next `await`.
    package var received: UnsafeMutableRawBufferPointer { socket.loop.readBuffer }

    /// Closes both directions. What is unsent is lost.
    package func close() { socket.close() }

    /// Tells the peer that this side has finished: `close_notify` under TLS, then the end of the byte stream.
    package func finishSending() {
        _ = try? session?.sendCloseNotify()
        socket.finishSending()
    }

    /// Runs the TLS handshake to its end. Does nothing on a plain connection.
    package func handshake(until deadline: MonotonicTime) async throws(StreamError) {
        guard let session else { return }
        while true {
            let interest: Readiness
            switch try step({ () throws(TLSError) -> TLSStep in try session.handshake() }) {
            case .wantsRead: interest = .readable
            case .wantsWrite: interest = .writable
            case .done:
                // What came together with the end of the handshake is in the session already: no edge will announce it.
                if session.hasPendingPlaintext { socket.assumeReadable() }
                return
            case .closed: throw .tls(.handshake("the peer closed the connection in the handshake"))
            }
            socket.wouldBlock(interest)
            if await socket.wait(for: interest, until: deadline) == .timedOut { throw .timedOut }
        }
    }

    // MARK: Fairness

    /// Bytes that came or went since others last had the loop because of this connection.
    private var movedSincePause = 0
    /// What a connection may move while others wait: less than a millisecond's work.
    private static let fairShare = 256 << 10

    /// Whether it is time for `yield`.
    package var exceededQuantum: Bool { movedSincePause >= Self.fairShare }

    /// Lets all else that is ready have the loop first: between two peers that are always ready it would never come to that.
    ///
    /// - Returns: `.interrupted` where this connection's socket was, or `other`, in the meantime; else `.ready`.
    package func yield(or other: Socket? = nil) async -> Wake {
        movedSincePause = 0
        let before = (socket.interrupts, other?.interrupts)
        await Task.yield()
        return before == (socket.interrupts, other?.interrupts) ? .ready : .interrupted
    }

    // MARK: Reading

    /// Reads what is there now into the loop's buffer; nil where that is nothing.
    package func read() throws(StreamError) -> Received? {
        guard let session else {
            switch socket.read(into: received) {
            case .bytes(let count):
                movedSincePause += count
                return .bytes(count)
            case .end: return .end
            case .wouldBlock: return nil
            case .failed(let number): throw .broken(SystemError("recv", number))
            }
        }
        // As many records as fit: a record holds 16 KiB at most, and each read costs whoever relays it a write.
        var filled = 0
        while filled < received.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: received[filled...])
            let step: TLSStep
            do throws(TLSError) {
                step = try session.read(into: rest)
            } catch {
                if filled > 0 { break }  // what came before the fault is good; the fault comes again
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
        movedSincePause += filled
        return filled > 0 ? .bytes(filled) : nil
    }

    /// Waits for bytes, or for `other` to be ready for `otherInterest`, but not beyond `deadline`.
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

    /// Whether a read may bring something.
    package var mayRead: Bool { socket.isReady(for: readInterest) }

    // MARK: Writing

    /// How many bytes were sent by the caller but not yet taken by the system.
    package var unsentCount: Int { unsent.count - unsentStart }

    /// Bytes given to the connection so far, as the transport counts them (under TLS, with its own).
    package var transportBytesSent: UInt64 { session?.bytesWrittenToDescriptor ?? plainBytesSent }
    private var plainBytesSent: UInt64 = 0

    /// Sends `bytes`, after all that was sent before. What the system does not take is copied; `flush` waits for it.
    package func send(_ bytes: UnsafeRawBufferPointer) throws(StreamError) {
        guard unsentCount == 0 else { return unsent.append(contentsOf: bytes) }
        keep(bytes, from: try transmit(bytes))
    }

    /// Sends `first` and `second` in one system call, where the connection is plain.
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
        movedSincePause += sent
        keep(first, from: min(sent, first.count))
        keep(second, from: max(0, sent - first.count))
    }

    /// Waits until everything is taken, as long as some is taken every `timeout`.
    ///
    /// - Parameter yieldsToReading: come back as soon as the peer has something to say.
    /// - Returns: false where it came back for that.
    @discardableResult
    package func flush(timeout: Duration, yieldsToReading: Bool = false) async throws(StreamError) -> Bool {
        while unsentCount > 0 {
            let interest: Readiness = yieldsToReading ? [.writable, .readable] : .writable
            if await socket.wait(for: interest, until: socket.loop.now + timeout) == .timedOut { throw .timedOut }
            if yieldsToReading, socket.isReady(for: .readable) { return false }
            try sendWhatIsLeft()
        }
        return true
    }

    /// Sends as much as the system takes now of what it did not take before.
    package func sendWhatIsLeft() throws(StreamError) {
        guard unsentCount > 0 else { return }
        let pending = unsent
        unsentStart += try pending.span.withUnsafeBytes { bytes throws(StreamError) -> Int in
            try transmit(UnsafeRawBufferPointer(rebasing: bytes[unsentStart...]))
        }
        guard unsentCount == 0 else { return }
        unsent = []
        unsentStart = 0
    }

    private func keep(_ bytes: UnsafeRawBufferPointer, from start: Int) {
        if start < bytes.count { unsent.append(contentsOf: bytes[start...]) }
    }

    /// Writes until the system takes no more; returns how many bytes it took.
    private func transmit(_ bytes: UnsafeRawBufferPointer) throws(StreamError) -> Int {
        var sent = 0
        defer { movedSincePause += sent }
        while sent < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
            if let session {
                switch try step({ () throws(TLSError) -> TLSStep in try session.write(rest) }) {
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

    private func step(_ body: () throws(TLSError) -> TLSStep) throws(StreamError) -> TLSStep {
        do throws(TLSError) {
            return try body()
        } catch {
            throw .tls(error)
        }
    }
}

extension ByteStream {
    /// Lends the first `count` bytes received.
    @inlinable
    package func withReceived<Result, Failure: Error>(
        _ count: Int, _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(Span(_unsafeBytes: UnsafeRawBufferPointer(rebasing: received[..<count])))
    }
}
