import CLinux
import Glibc

/// Readiness by epoll: all that is Linux's own. A kqueue poller would stand beside this file with the same members.
struct Poller: ~Copyable {
    /// What a descriptor is ready for.
    struct Event {
        /// What was given to `add`.
        let token: UInt64
        let readiness: Readiness
    }

    /// What outlives the poller, until whoever watches the set has let go of it.
    struct Descriptors {
        /// Readable itself while any descriptor in it is ready: what the loop's one Dispatch source watches.
        let set: Int32
        /// Written to by other threads: makes the set ready.
        let bell: Int32

        func close() {
            Glibc.close(set)
            Glibc.close(bell)
        }
    }

    /// The token of the event that `wake` makes.
    static let wakeToken = UInt64.max

    let descriptors: Descriptors
    private let events: UnsafeMutableBufferPointer<epoll_event>

    init() throws(SystemError) {
        let descriptors = Descriptors(
            set: epoll_create1(Int32(EPOLL_CLOEXEC)), bell: eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK)))
        // One of them can fail for want of descriptors; closing one that is none does no harm.
        guard descriptors.set >= 0, descriptors.bell >= 0 else {
            let error = SystemError("epoll_create1", errno)
            descriptors.close()
            throw error
        }
        try Self.add(descriptors.bell, to: descriptors.set, token: Self.wakeToken)
        self.descriptors = descriptors
        events = .allocate(capacity: 256)
    }

    deinit { events.deallocate() }

    /// Makes `poll` return with an event whose token is `wakeToken`. May be called from any thread.
    func wake() {
        // Never read: each write is an edge of its own, and 64 bits do not overflow.
        _ = eventfd_write(descriptors.bell, 1)
    }

    /// Watches `target`, edge-triggered, for all that can happen to it, until it is closed.
    func add(_ target: Int32, token: UInt64) throws(SystemError) {
        try Self.add(target, to: descriptors.set, token: token)
    }

    private static func add(_ target: Int32, to set: Int32, token: UInt64) throws(SystemError) {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
        event.data.u64 = token
        guard epoll_ctl(set, EPOLL_CTL_ADD, target, &event) == 0 else { throw SystemError("epoll_ctl", errno) }
    }

    /// Takes what is ready, waiting for it up to so many milliseconds; returns how many events there are.
    func poll(waiting milliseconds: Int32) -> Int {
        max(0, Int(epoll_wait(descriptors.set, events.baseAddress, Int32(events.count), milliseconds)))
    }

    /// What the last `poll` brought at `index`.
    func event(at index: Int) -> Event {
        Event(token: events[index].data.u64, readiness: Readiness(epoll: events[index].events))
    }
}

extension Readiness {
    /// From epoll's bits. A hang-up or an error makes reads and writes return at once, so it counts as both.
    fileprivate init(epoll bits: UInt32) {
        self = []
        if bits & EPOLLIN.rawValue != 0 { insert(.readable) }
        if bits & EPOLLOUT.rawValue != 0 { insert(.writable) }
        if bits & EPOLLRDHUP.rawValue != 0 { formUnion([.readable, .peerFinished]) }
        if bits & (EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 {
            formUnion([.readable, .writable, .peerFinished, .broken])
        }
    }
}
