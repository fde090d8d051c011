import Clocks
import Glibc

/// A non-blocking descriptor in a loop, and its only owner, which closes it.
///
/// Use a socket on its loop only, by one task at a time. Readiness is edge-triggered and stored here: a wait for something that is
/// already ready does not suspend, and a short read means that the descriptor is empty.
///
/// ```swift
/// while true {
///     switch socket.read(into: loop.readBuffer) {
///     case .bytes(let count): process(loop.readBuffer[..<count])
///     case .wouldBlock:
///         let wake = await socket.wait(for: .readable, until: loop.now + .seconds(30))
///         guard wake == .ready else { return socket.close() }
///     case .end, .failed: return socket.close()
///     }
/// }
/// ```
///
/// - Soundness of `@exclusivity(unchecked)`: each access to such a variable ends before other code runs, so no two accesses can
///   overlap.
package final class Socket {
    package let descriptor: Int32
    /// The loop that the socket belongs to.
    package let loop: EventLoop

    /// The readiness that the loop has reported and no transfer has used up.
    @exclusivity(unchecked) var readiness: Readiness
    private var isOpen = true
    /// The number of calls of `interrupt`. Code that yields without a wait compares it before and after.
    @exclusivity(unchecked) package private(set) var interrupts: UInt32 = 0

    /// The suspended task; nil when no task waits, or when the task waits at `waiter`.
    @exclusivity(unchecked) private var continuation: UnsafeContinuation<Wake, Never>?
    @exclusivity(unchecked) private var interest: Readiness = []
    @exclusivity(unchecked) private var deadline = MonotonicTime.never
    /// The socket whose task waits for this socket too, in the same wait.
    // Unsafe: the waiting task keeps the socket alive, and a safe reference would be counted at each wait.
    private unowned(unsafe) var waiter: Socket?
    private unowned(unsafe) var observer: (any ReadinessHandler)?

    /// Registers `descriptor`, which must be non-blocking, with `loop`. Call it on the loop.
    ///
    /// - Parameter readiness: readiness that is known already and of which the system reports no edge.
    /// - Throws: the system's error. The descriptor is closed then.
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

    // MARK: Closing

    /// Closes the descriptor. A second call does nothing.
    package func close() {
        guard isOpen else { return }
        assert(continuation == nil, "a socket was closed while a task waits for it")
        isOpen = false
        loop.unregister(self)
        Glibc.close(descriptor)
    }

    /// Closes a socket that another process or descriptor may hold too: a listener that is handed over.
    package func closeShared() {
        guard isOpen else { return }
        loop.unwatch(self)
        close()
    }

    /// Closes with a reset, so that the peer does not take the bytes sent so far for a complete message.
    package func reset() {
        guard isOpen else { return }
        resetOnClose()
        close()
    }

    /// Tells the peer that nothing more will be sent. Reading continues.
    package func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    // MARK: Readiness

    /// True when the peer has closed the connection or its sending half, and the loop has seen it.
    package var peerHasFinished: Bool { readiness.contains(.peerFinished) }

    /// True when the connection is known to be dead.
    package var isBroken: Bool { readiness.contains(.broken) }

    /// Returns true when the socket is ready for any of `interest`, and the loop has seen it.
    package func isReady(for interest: Readiness) -> Bool { !readiness.isDisjoint(with: interest) }

    /// Stores new readiness and ends a wait for it. The loop calls it.
    func becameReady(_ new: Readiness) {
        readiness.formUnion(new)
        guard isReady(for: interest) else { return }
        // An observer handles its own socket only: of other sockets only the task knows.
        if let waiter { waiter.end(.ready) } else { resume(.ready) }
    }

    // MARK: Waiting

    /// Waits until this socket is ready for any of `interest`, or `other` for any of `otherInterest`, or `deadline` has passed.
    ///
    /// One task waits for two sockets by joining the second to the wait of the first: `other.waiter` is then this socket.
    ///
    /// - Parameter observer: handles events of this socket before the task resumes. It must live as long as the wait.
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

    /// Waits until any of `sockets` (at least one) is ready for any of `interest`, or `deadline` has passed.
    package static func waitForAny(of sockets: [Socket], for interest: Readiness, until deadline: MonotonicTime) async
        -> Wake
    {
        if sockets.contains(where: { $0.isReady(for: interest) }) { return .ready }
        let first = sockets[0]
        for other in sockets.dropFirst() { other.join(first, for: interest) }
        defer { for other in sockets.dropFirst() { other.leave() } }
        return await withUnsafeContinuation { first.suspend($0, for: interest, until: deadline) }
    }

    /// Ends the present wait for this socket, if there is one, with `Wake.interrupted`.
    package func interrupt() {
        interrupts &+= 1
        (waiter ?? self).resume(.interrupted)
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

    /// Makes this socket part of the wait of `waiter`: readiness for `interest` here ends that wait.
    private func join(_ waiter: Socket, for interest: Readiness) {
        precondition(continuation == nil && self.waiter == nil, "two tasks wait for one socket")
        self.waiter = waiter
        self.interest = interest
    }

    /// Ends the part of this socket in a wait that it joined.
    private func leave() {
        waiter = nil
        interest = []
    }

    /// Ends the wait, unless the observer handles the event and the socket is not ready any more.
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

    /// Ends the wait if its deadline has passed at `now`. Else returns the moment to call it again; nil without a deadline.
    func wakeIfLate(at now: MonotonicTime) -> MonotonicTime? {
        guard deadline > now else {
            resume(.timedOut)
            return nil
        }
        return deadline == .never ? nil : deadline
    }

    // MARK: Idling

    /// Leaves the socket to `observer` until `endIdling`, for a connection that is kept for later use and has no task.
    ///
    /// The observer handles everything that happens to the socket, and `deadline`. It must live as long as the socket idles.
    package func beginIdling(observer: any ReadinessHandler, until deadline: MonotonicTime) {
        precondition(continuation == nil && self.observer == nil, "a task waits for an idle socket")
        self.observer = observer
        interest = .readableOrFinished
        self.deadline = deadline
        loop.watchDeadline(of: self, at: deadline)
    }

    /// Ends the idling. The observer gets no further events.
    package func endIdling() {
        observer = nil
        interest = []
        deadline = .never
    }
}
