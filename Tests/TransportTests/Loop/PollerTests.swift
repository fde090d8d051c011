import Glibc
import Testing

@testable import Transport

@Suite struct PollerTests {
    /// A poller that has reported the first event of its bell: an eventfd is writable from the start.
    private func quietPoller() throws(SystemError) -> Poller {
        let poller = try Poller()
        _ = poller.poll(waiting: 0)
        return poller
    }

    /// The events of one poll, by token.
    private func poll(_ poller: borrowing Poller, waiting milliseconds: Int32 = 0) -> [UInt64: Readiness] {
        var events: [UInt64: Readiness] = [:]
        for index in 0..<poller.poll(waiting: milliseconds) {
            let event = poller.event(at: index)
            events[event.token] = event.readiness
        }
        return events
    }

    @Test func aWakeEndsThePollOnce() throws {
        let poller = try quietPoller()
        defer { poller.descriptors.close() }
        #expect(poll(poller).isEmpty)
        poller.wake()
        poller.wake()
        #expect(Array(poll(poller).keys) == [Poller.wakeToken])
        #expect(poll(poller).isEmpty)
        poller.wake()
        #expect(Array(poll(poller).keys) == [Poller.wakeToken])
    }

    @Test func readinessIsReportedOnceWithItsToken() throws {
        let poller = try quietPoller()
        let pair = Pair()
        defer { poller.descriptors.close(); pair.close() }
        try poller.add(pair.first, token: 42)
        #expect(poll(poller) == [42: .writable])
        #expect(poll(poller).isEmpty, "no edge, no event")
        _ = write(pair.second, "x", 1)
        #expect(poll(poller) == [42: [.readable, .writable]])
    }

    @Test func theEndOfThePeerIsReadable() throws {
        let poller = try quietPoller()
        let pair = Pair()
        defer { poller.descriptors.close(); pair.close() }
        try poller.add(pair.first, token: 1)
        shutdown(pair.second, Int32(SHUT_WR))
        #expect(poll(poller)[1] == [.readable, .writable, .peerFinished])
    }

    @Test func aHangUpIsEverything() throws {
        let poller = try quietPoller()
        let pair = Pair()
        defer { poller.descriptors.close(); pair.close() }
        try poller.add(pair.first, token: 1)
        shutdown(pair.second, Int32(SHUT_RDWR))
        #expect(poll(poller)[1] == [.readable, .writable, .peerFinished, .broken])
    }

    @Test func aClosedDescriptorIsRefused() throws {
        let poller = try quietPoller()
        defer { poller.descriptors.close() }
        #expect(throws: SystemError("epoll_ctl", EBADF)) { try poller.add(-1, token: 1) }
    }
}

private struct Pair {
    let first: Int32
    let second: Int32

    init() {
        var numbers: [Int32] = [0, 0]
        socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0, &numbers)
        (first, second) = (numbers[0], numbers[1])
    }

    func close() {
        Glibc.close(first)
        Glibc.close(second)
    }
}
