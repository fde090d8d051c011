import CLinux
import Clocks
import Glibc

/// What a descriptor can do without waiting.
package struct Readiness: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// A read returns at once: bytes, the end or an error.
    package static let readable = Readiness(rawValue: 1)
    /// A write takes at least a byte, or returns an error, at once.
    package static let writable = Readiness(rawValue: 2)
    /// The peer sends nothing more: it has closed, or closed its sending half.
    package static let peerFinished = Readiness(rawValue: 4)
    /// The connection is dead: reset, or refused.
    package static let broken = Readiness(rawValue: 8)
}

/// How a wait ended.
package enum Wake: Sendable, Equatable {
    /// Something waited for is ready.
    case ready
    /// The deadline passed first.
    case timedOut
    /// `Socket.interrupt` was called: whoever waits is to look at the world again.
    case interrupted
}

/// Looks first when something happens to a socket: what it deals with wakes no task, and a socket at rest has none.
package protocol ReadinessHandler: AnyObject {
    /// The wait would end, with `wake`. Called on the socket's loop.
    ///
    /// - Returns: until when it goes on instead, unless the socket is still ready for what is waited for; nil to let it end.
    func socketBecameReady(_ wake: Wake) -> MonotonicTime?
}

/// What one read or write brought.
package enum Transferred: Sendable, Equatable {
    /// So many bytes; at least one.
    case bytes(Int)
    /// Nothing now: wait for readiness.
    case wouldBlock
    /// Nothing ever again: the peer has finished sending.
    case end
    /// The connection is dead; the value of `errno`.
    case failed(Int32)
}

/// A non-blocking descriptor in a loop: its one owner, which closes it.
///
/// Used on its loop alone, and by one task at a time. Readiness is edge-triggered and remembered here: a wait for what is
/// ready already does not suspend, and a read that brings less than was asked for has emptied the descriptor.
package final class Socket {
    package let descriptor: Int32
    /// The loop it belongs to for life.
    package let loop: EventLoop

    private var readiness: Readiness
    private var isOpen = true
    /// How many interrupts there were: for who gave the loop to others without waiting, and could not be woken by one.
    package private(set) var interrupts: UInt32 = 0

    /// Whom to resume, for what. A socket that is waited for beside another one has the other as its `waiter`.
    private var continuation: UnsafeContinuation<Wake, Never>?
    private var interest: Readiness = []
    private var deadline = MonotonicTime.never
    // Unsafe, as the one who waits is alive as long as it waits; a safe reference would be counted at each wait.
    private unowned(unsafe) var waiter: Socket?
    private unowned(unsafe) var observer: (any ReadinessHandler)?

    /// Takes `descriptor`, which must be non-blocking, into `loop`. Must be called on it. A descriptor that cannot be
    /// watched is closed.
    package init(_ descriptor: consuming OwnedDescriptor, on loop: EventLoop, assuming readiness: Readiness = [])
        throws(SystemError)
    {
        self.descriptor = descriptor.release()
        self.loop = loop
        self.readiness = readiness
        do {
            try loop.register(self)
        } catch {
            isOpen = false
            Glibc.close(self.descriptor)
            throw error
        }
    }

    deinit {
        precondition(!isOpen, "a socket was dropped before it was closed")
    }

    /// Gives the descriptor back to the system. Harmless when done before.
    package func close() {
        guard isOpen else { return }
        assert(continuation == nil, "a socket was closed while a task waits for it")
        isOpen = false
        loop.unregister(self)
        Glibc.close(descriptor)
    }

    /// Has the kernel acknowledge small pieces in twos, and not each as it is read: sending an acknowledgement costs three times what
    /// reading does.
    ///
    /// It lasts until one is 40 ms late: the kernel (Linux) then goes back to its usual way by itself. So a peer that sends nothing
    /// more before the acknowledgement (Nagle's algorithm, RFC 9293, section 3.7.4) is held up once, by that time.
    package func delayAcknowledgements() {
        var off: Int32 = 0
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_QUICKACK, &off, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Closes such that the peer sees a reset, not an end: what was sent so far must not look complete.
    package func reset() {
        guard isOpen else { return }
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    /// Tells the peer that nothing more will be sent; reading goes on.
    package func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Whether the peer has closed, or closed its sending half, as far as the loop has been told.
    package var peerHasFinished: Bool { readiness.contains(.peerFinished) }

    /// Whether the connection is known to be dead.
    package var isBroken: Bool { readiness.contains(.broken) }

    /// Whether any of `interest` is so, as far as the loop has been told.
    package func isReady(for interest: Readiness) -> Bool { !readiness.isDisjoint(with: interest) }

    // MARK: Transfer

    /// Reads what is there into `buffer`, once.
    package func read(into buffer: UnsafeMutableRawBufferPointer) -> Transferred {
        let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
        if count > 0 {
            if count < buffer.count { drained() }
            return .bytes(count)
        }
        return count == 0 ? .end : failure(errno, clearing: .readable)
    }

    /// Writes as much of `bytes` as the system takes, once.
    package func write(_ bytes: UnsafeRawBufferPointer) -> Transferred {
        let count = send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        if count >= 0 {
            if count < bytes.count { readiness.remove(.writable) }
            return .bytes(count)
        }
        return failure(errno, clearing: .writable)
    }

    /// Writes `first`, then `second`, as much as the system takes, with one system call.
    package func write(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> Transferred {
        withUnsafeTemporaryAllocation(of: iovec.self, capacity: 2) { vectors in
            vectors[0] = iovec(iov_base: UnsafeMutableRawPointer(mutating: first.baseAddress), iov_len: first.count)
            vectors[1] = iovec(iov_base: UnsafeMutableRawPointer(mutating: second.baseAddress), iov_len: second.count)
            var message = msghdr()
            message.msg_iov = vectors.baseAddress
            message.msg_iovlen = 2
            let count = sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL))
            if count >= 0 {
                if count < first.count + second.count { readiness.remove(.writable) }
                return .bytes(count)
            }
            return failure(errno, clearing: .writable)
        }
    }

    /// For who reads or writes the descriptor by other means, as TLS does: it would block for `direction`.
    package func wouldBlock(_ direction: Readiness) {
        if direction.contains(.readable) { drained() }
        if direction.contains(.writable) { readiness.remove(.writable) }
    }

    /// For who reads the descriptor by other means: there is something to read, in whatever place.
    package func assumeReadable() { readiness.insert(.readable) }

    /// Nothing is left to read for now. The end, once announced, stays readable: there is no second edge for it.
    private func drained() {
        if !readiness.contains(.peerFinished) { readiness.remove(.readable) }
    }

    private func failure(_ number: Int32, clearing direction: Readiness) -> Transferred {
        switch number {
        case EAGAIN:
            readiness.remove(direction)
            return .wouldBlock
        case EINTR: return .wouldBlock
        default:
            readiness.formUnion([.broken, .peerFinished])
            return .failed(number)
        }
    }

    // MARK: Waiting

    /// Waits until any of `interest` is so here, or any of `otherInterest` at `other`, but not beyond `deadline`.
    ///
    /// - Parameter observer: looks first, and has the task woken only for what it cannot deal with: to wake a task costs as much as
    ///   passing on a small piece of a stream. It must live as long as the wait.
    package func wait(
        for interest: Readiness, or other: Socket? = nil, for otherInterest: Readiness = [],
        until deadline: MonotonicTime, observer: (any ReadinessHandler)? = nil
    ) async -> Wake {
        if isReady(for: interest) || other?.isReady(for: otherInterest) == true { return .ready }
        self.observer = observer
        other?.join(self, for: otherInterest)
        defer { other?.leave() }
        return await withUnsafeContinuation { suspend($0, for: interest, until: deadline) }
    }

    /// Waits until any of `interest` is so at any of `sockets`, of which there must be at least one, but not beyond `deadline`.
    package static func waitForAny(of sockets: [Socket], for interest: Readiness, until deadline: MonotonicTime) async
        -> Wake
    {
        if sockets.contains(where: { $0.isReady(for: interest) }) { return .ready }
        let first = sockets[0]
        for other in sockets.dropFirst() { other.join(first, for: interest) }
        defer { for other in sockets.dropFirst() { other.leave() } }
        return await withUnsafeContinuation { first.suspend($0, for: interest, until: deadline) }
    }

    /// Ends the wait in which this socket takes part, if there is one, with `Wake.interrupted`.
    package func interrupt() {
        interrupts &+= 1
        (waiter ?? self).resume(.interrupted)
    }

    /// Leaves the socket alone until anything happens to it or `deadline` has passed, which `observer` then deals with.
    /// For connections that are kept for later: they cost no task. The observer must live as long as that.
    package func beginIdling(observer: any ReadinessHandler, until deadline: MonotonicTime) {
        precondition(continuation == nil && self.observer == nil, "a socket at rest is waited for")
        self.observer = observer
        interest = [.readable, .peerFinished]
        self.deadline = deadline
        loop.watchDeadline(of: self, at: deadline)
    }

    /// Ends the rest. The observer is told nothing any more.
    package func endIdling() {
        observer = nil
        interest = []
        deadline = .never
    }

    private func suspend(
        _ continuation: UnsafeContinuation<Wake, Never>, for interest: Readiness, until deadline: MonotonicTime
    ) {
        precondition(self.continuation == nil, "two tasks wait for one socket")
        self.continuation = continuation
        self.interest = interest
        self.deadline = deadline
        if deadline != .never { loop.watchDeadline(of: self, at: deadline) }
    }

    private func join(_ waiter: Socket, for interest: Readiness) {
        precondition(continuation == nil && self.waiter == nil, "two tasks wait for one socket")
        self.waiter = waiter
        self.interest = interest
    }

    private func leave() {
        waiter = nil
        interest = []
    }

    /// Ends the wait, unless the observer deals with what would end it.
    private func resume(_ wake: Wake) {
        if let observer, let later = observer.socketBecameReady(wake), !isReady(for: interest) {
            deadline = later
            return loop.watchDeadline(of: self, at: later)
        }
        end(wake)
    }

    private func end(_ wake: Wake) {
        observer = nil
        interest = []
        deadline = .never
        continuation.take()?.resume(returning: wake)
    }

    func becameReady(_ new: Readiness) {
        readiness.formUnion(new)
        guard isReady(for: interest) else { return }
        // The observer looks at its own socket alone: of others only the task knows.
        if let waiter { waiter.end(.ready) } else { resume(.ready) }
    }

    /// Resumes the wait if its deadline has passed; else says when to ask again, if ever.
    func wakeIfLate(at now: MonotonicTime) -> MonotonicTime? {
        guard deadline > now else {
            resume(.timedOut)
            return nil
        }
        return deadline == .never ? nil : deadline
    }
}
