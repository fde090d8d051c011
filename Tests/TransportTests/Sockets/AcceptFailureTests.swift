import Glibc
import Testing

@testable import Transport

@Suite struct AcceptFailureTests {
    /// Errors that accept(2) lists, those of the new connection included.
    @Test(arguments: [
        ECONNABORTED, EPERM, EPROTO, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, EOPNOTSUPP, ENETUNREACH,
        ETIMEDOUT, 12_345,
    ]) func aFailureOfOneConnectionIsNoneOfTheListener(number: Int32) {
        #expect(AcceptFailure(number) == .connection)
    }

    @Test(arguments: [EMFILE, ENFILE, ENOBUFS, ENOMEM]) func exhaustionHasToEnd(number: Int32) {
        #expect(AcceptFailure(number) == .exhausted)
    }

    @Test(arguments: [EBADF, EINVAL, ENOTSOCK, EFAULT]) func aListenerThatIsNoneEnds(number: Int32) {
        #expect(AcceptFailure(number) == .listener(SystemError("accept", number)))
    }

    @Test func aListenerThatWasShutDownSaysSo() async throws {
        try await onLoop { loop in
            let listening = try Listener(SocketAddress("127.0.0.1", port: 0)!).open(on: loop)
            defer { listening.close() }
            shutdown(listening.descriptor, Int32(SHUT_RDWR))
            guard case .failed(let failure) = listening.accept() else {
                Issue.record("it accepts no connections")
                return
            }
            #expect(failure == .listener(SystemError("accept", EINVAL)))
        }
    }
}

@Suite struct AcceptBackoffTests {
    @Test func singleFailuresAreRetriedAtOnce() {
        var backoff = AcceptBackoff()
        for _ in 0..<1000 {
            #expect(backoff.wait(after: .connection) == .zero)
            backoff.succeeded()
        }
    }

    /// An error that lasts costs at most one attempt a second in the end.
    @Test func aLastingFailureOfConnectionsIsSlowedDown() {
        var backoff = AcceptBackoff()
        let waits = (0..<100).map { _ in backoff.wait(after: .connection) }
        #expect(waits.prefix(64).allSatisfy { $0 == .zero })
        #expect(waits[64] == .milliseconds(10))
        #expect(waits[65] == .milliseconds(20))
        #expect(waits.last == .seconds(1))
    }

    @Test func exhaustionWaitsFromTheFirstTime() {
        var backoff = AcceptBackoff()
        #expect(backoff.wait(after: .exhausted) == .milliseconds(10))
        #expect(backoff.wait(after: .exhausted) == .milliseconds(20))
        for _ in 0..<20 { _ = backoff.wait(after: .exhausted) }
        #expect(backoff.wait(after: .exhausted) == .seconds(1))
        backoff.succeeded()
        #expect(backoff.wait(after: .exhausted) == .milliseconds(10))
    }

    @Test func aListenerThatHasEndedIsNotTriedAgain() {
        var backoff = AcceptBackoff()
        #expect(backoff.wait(after: .listener(SystemError("accept", EBADF))) == nil)
    }
}
