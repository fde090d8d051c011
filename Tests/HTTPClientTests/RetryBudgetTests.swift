import Clocks
import Loopback
import ManualTime
import Synchronization
import Testing
import Transport

@testable import HTTPClient

@Suite(.ownThread) struct RetryBudgetTests {
    private let start = MonotonicTime(nanoseconds: 1_000_000_000)

    @Test func aFullBudgetHasTenRetries() {
        var budget = RetryBudget(at: start)
        let taken = (0..<12).map { _ in budget.takeRetry(at: start) }
        #expect(taken == Array(repeating: true, count: 10) + [false, false])
    }

    /// Of 1,000 requests that all fail, a fifth is retried.
    @Test func requestsEarnAFifthOfARetryEach() {
        var budget = RetryBudget(at: start)
        while budget.takeRetry(at: start) {}
        var retries = 0
        for _ in 0..<1000 {
            budget.requestStarted()
            if budget.takeRetry(at: start) { retries += 1 }
        }
        #expect(retries == 200)
    }

    @Test func timeEarnsTwoASecondUpToTen() {
        var budget = RetryBudget(at: start)
        while budget.takeRetry(at: start) {}
        var now = start
        var retries = 0
        for _ in 0..<1000 {
            now = now + .milliseconds(10)
            if budget.takeRetry(at: now) { retries += 1 }
        }
        #expect(retries == 20)
        now = now + .seconds(1_000_000_000)
        retries = 0
        while budget.takeRetry(at: now) { retries += 1 }
        #expect(retries == 10)
    }

    @Test(arguments: [(0, 100), (1, 200), (2, 400), (5, 3200), (6, 5000), (1000, 5000), (-1, 100)])
    func pausesDoubleAndAreBounded(attempt: Int, least: Int) {
        #expect(RetryBudget.pause(before: attempt, jitter: 0) == .milliseconds(least))
        #expect(RetryBudget.pause(before: attempt, jitter: 0.5) == .milliseconds(2 * least))
    }

    /// Where nothing can be reached, attempts do not multiply.
    @Test func attemptsToConnectStayWithinTheBudget() async throws {
        let listener = try Listener(SocketAddress("127.0.0.1", port: 0)!)
        let closed = listener.address
        _ = consume listener
        let attempts = Mutex(0)
        let resolver = Resolver { _, _ in
            attempts.withLock { $0 += 1 }
            return .success([closed])
        }
        let target = ClientTarget(Origin(host: "upstream.test", port: 80, isSecure: false), context: nil)
        let clock = ManualTime()
        let shared = SharedClientState(connections: 64, resolver: resolver)
        try await ClientFixture.run(target, shared: shared, clock: clock) { fixture in
            let done = Mutex(0)
            let responses = try (0..<40).map { _ in fixture.startGet(for: try fixture.clientSocket().client) }
            let all = Task {
                for response in responses {
                    guard case .failure(.unreachable) = await response.value else { continue }
                    done.withLock { $0 += 1 }
                }
            }
            #expect(
                await eventually {
                    clock.advance(by: .milliseconds(20)); return done.withLock { $0 } == 40
                })
            await all.value
        }
        // Forty requests, ten retries that were saved, eight that they earned, and what the time brought.
        #expect(attempts.withLock { $0 } >= 50)
        #expect(attempts.withLock { $0 } <= 75)
    }
}
