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

    /// Readable itself while any descriptor in it is ready: what the loop's one Dispatch source watches. Outlives the poller,
    /// until `close`.
    let descriptor: Int32
    private let events: UnsafeMutableBufferPointer<epoll_event>

    init() throws(SystemError) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw SystemError("epoll_create1", errno) }
        events = .allocate(capacity: 256)
    }

    deinit { events.deallocate() }

    /// Closes the descriptor of a poller that nobody watches any more.
    static func close(_ descriptor: Int32) { Glibc.close(descriptor) }

    /// Watches `target`, edge-triggered, for all that can happen to it, until it is closed.
    func add(_ target: Int32, token: UInt64) throws(SystemError) {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
        event.data.u64 = token
        guard epoll_ctl(descriptor, EPOLL_CTL_ADD, target, &event) == 0 else { throw SystemError("epoll_ctl", errno) }
    }

    /// Takes what is ready now, without waiting, and hands it to `body` one by one; returns how many there were.
    func poll(_ body: (Event) -> Void) -> Int {
        let count = Int(epoll_wait(descriptor, events.baseAddress, Int32(events.count), 0))
        guard count > 0 else { return 0 }
        for index in 0..<count {
            body(Event(token: events[index].data.u64, readiness: Readiness(epoll: events[index].events)))
        }
        return count
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
