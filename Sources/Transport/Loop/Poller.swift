import CLinux
import Glibc

/// Readiness of descriptors by epoll, edge-triggered. The only file that is Linux's own: a kqueue poller would be a second file
/// with the same members.
struct Poller: ~Copyable {
    /// A report that a descriptor became ready.
    struct Event {
        /// The token that `add` got.
        let token: UInt64
        let readiness: Readiness
    }

    /// The poller's descriptors. They outlive it, until Dispatch has released `set`.
    struct Descriptors {
        /// The epoll set. Readable while a descriptor in it is ready: the loop's one Dispatch source watches it.
        let set: Int32
        /// The eventfd to which other threads write to wake the loop.
        let bell: Int32

        func close() {
            Glibc.close(set)
            Glibc.close(bell)
        }
    }

    /// The token of the event that `wake` causes.
    static let wakeToken = UInt64.max

    let descriptors: Descriptors
    private let events: UnsafeMutableBufferPointer<epoll_event>

    init() throws(SystemError) {
        let descriptors = Descriptors(
            set: epoll_create1(Int32(EPOLL_CLOEXEC)), bell: eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK)))
        // Either call can fail when descriptors run out. Closing -1 does no harm.
        guard descriptors.set >= 0, descriptors.bell >= 0 else {
            let error = SystemError("epoll_create1", errno)
            descriptors.close()
            throw error
        }
        do throws(SystemError) {
            try Self.add(descriptors.bell, to: descriptors.set, token: Self.wakeToken)
        } catch {
            descriptors.close()
            throw error
        }
        self.descriptors = descriptors
        events = .allocate(capacity: 256)
    }

    deinit { events.deallocate() }

    /// Makes `poll` return with an event whose token is `wakeToken`. Any thread may call it.
    func wake() {
        // Nothing reads the counter: each write is a new edge, and 64 bits do not overflow.
        _ = eventfd_write(descriptors.bell, 1)
    }

    /// Watches `target`, edge-triggered, for every kind of readiness until it is closed.
    func add(_ target: Int32, token: UInt64) throws(SystemError) {
        try Self.add(target, to: descriptors.set, token: token)
    }

    private static func add(_ target: Int32, to set: Int32, token: UInt64) throws(SystemError) {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
        event.data.u64 = token
        guard epoll_ctl(set, EPOLL_CTL_ADD, target, &event) == 0 else { throw SystemError("epoll_ctl", errno) }
    }

    /// Ends the watch of `target`. A close does it too, unless another process or descriptor holds the same socket.
    func remove(_ target: Int32) {
        var event = epoll_event()
        _ = epoll_ctl(descriptors.set, EPOLL_CTL_DEL, target, &event)
    }

    /// Waits up to `milliseconds` for events. Returns their number, which `event(at:)` then gives out.
    func poll(waiting milliseconds: Int32) -> Int {
        max(0, Int(epoll_wait(descriptors.set, events.baseAddress, Int32(events.count), milliseconds)))
    }

    /// The event at `index` of the last `poll`.
    func event(at index: Int) -> Event {
        Event(token: events[index].data.u64, readiness: Readiness(epoll: events[index].events))
    }
}

extension Readiness {
    /// The readiness that epoll's bits report. After a hang-up or an error reads and writes return at once, so both are set.
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
