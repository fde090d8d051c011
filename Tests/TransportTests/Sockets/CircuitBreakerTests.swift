import Clocks
import SeededRandom
import Testing

@testable import Transport

/// A breaker with the usual rules.
private final class Tested {
    private(set) var state = CircuitBreaker.initial
    private let rules = CircuitBreaker.Rules()

    func mayTry(at now: MonotonicTime) -> Bool { state.mayTry(at: now, rules) }
    func failed(at now: MonotonicTime, jitter: Double) { state.failed(at: now, jitter: jitter, rules) }
    func succeeded() { state.succeeded() }
    func gaveUp(at now: MonotonicTime) { state.gaveUp(at: now) }
}

@Suite struct CircuitBreakerTests {
    private let rules = CircuitBreaker.Rules()
    private let start = MonotonicTime(nanoseconds: 1_000_000_000_000)

    private func opened(jitter: Double = 0.5) -> Tested {
        let breaker = Tested()
        for _ in 0..<3 { breaker.failed(at: start, jitter: jitter) }
        return breaker
    }

    @Test func fewerFailuresThanTheRulesSayChangeNothing() {
        let breaker = Tested()
        for _ in 0..<10 {
            breaker.failed(at: start, jitter: 0)
            breaker.failed(at: start, jitter: 0)
            #expect(breaker.mayTry(at: start))
            breaker.succeeded()
        }
    }

    @Test(arguments: [(0.0, 750), (0.5, 1000), (0.999, 1249)]) func thePauseIsJittered(jitter: Double, least: Int) {
        let breaker = opened(jitter: jitter)
        #expect(!breaker.mayTry(at: start + .milliseconds(least - 1)))
        #expect(breaker.mayTry(at: start + .milliseconds(least + 1)))
    }

    @Test func afterThePauseThereIsOneProbe() {
        let breaker = opened()
        let later = start + .seconds(1)
        #expect(breaker.mayTry(at: later))
        for _ in 0..<5 { #expect(!breaker.mayTry(at: later + .seconds(9))) }
    }

    @Test func aProbeThatSucceedsCloses() {
        let breaker = opened()
        _ = breaker.mayTry(at: start + .seconds(1))
        breaker.succeeded()
        #expect(breaker.state == .initial)
    }

    @Test func eachProbeThatFailsDoublesThePauseUpToTheLongest() {
        let breaker = opened()
        var now = start
        for expected in [1, 2, 4, 8, 16, 32, 60, 60] {
            #expect(!breaker.mayTry(at: now + .milliseconds(expected * 1000 - 1)))
            now = now + .seconds(expected)
            #expect(breaker.mayTry(at: now))
            breaker.failed(at: now, jitter: 0.5)
        }
    }

    @Test func aProbeThatIsGivenUpLeavesRoomForAnother() {
        let breaker = opened()
        _ = breaker.mayTry(at: start + .seconds(1))
        breaker.gaveUp(at: start + .seconds(1))
        #expect(breaker.mayTry(at: start + .seconds(1)))
        #expect(!breaker.mayTry(at: start + .seconds(1)))
    }

    @Test func aProbeThatIsNeverReportedTimesOut() {
        let breaker = opened()
        _ = breaker.mayTry(at: start + .seconds(1))
        #expect(breaker.mayTry(at: start + .seconds(11)))
    }

    @Test func failuresOfUsesThatBeganBeforeChangeNothing() {
        let breaker = opened()
        let before = breaker.state
        breaker.failed(at: start + .milliseconds(900), jitter: 0.5)
        breaker.gaveUp(at: start)
        #expect(breaker.state == before)
    }

    /// Whatever happens: it is never left alone for longer than the longest pause, and never has two probes at a time.
    @Test(arguments: 0..<20) func itIsAlwaysTriedAgain(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let breaker = Tested()
        var now = start
        var lastTry = start
        var probing = false
        for _ in 0..<2000 {
            now = now + .milliseconds(random.number(0...3000))
            switch random.number(0...5) {
            case 0:
                breaker.succeeded()
                probing = false
            case 1, 2:
                breaker.failed(at: now, jitter: Double(random.number(0...99)) / 100)
                probing = false
            case 3:
                breaker.gaveUp(at: now)
                probing = false
            default:
                if probing, now - lastTry < rules.probeTimeout { #expect(!breaker.mayTry(at: now)) }
            }
            if breaker.mayTry(at: now) {
                lastTry = now
                if case .halfOpen = breaker.state { probing = true }
            }
            #expect(now - lastTry <= rules.longestPause * 1.25 + .seconds(3))
        }
    }
}

@Suite struct AddressHealthTests {
    private let start = MonotonicTime(nanoseconds: 1_000_000_000_000)
    private let one = SocketAddress("10.0.0.1", port: 1)!
    private let two = SocketAddress("10.0.0.2", port: 1)!

    @Test func anAddressIsLeftAloneForItsFailuresOnly() {
        let health = AddressHealth()
        for _ in 0..<3 { health.failed(one, at: start) }
        #expect(!health.mayTry(one, at: start))
        #expect(health.mayTry(two, at: start))
        #expect(health.failing.map(\.address) == [one])
        health.succeeded(one)
        #expect(health.failing.isEmpty)
        #expect(health.mayTry(one, at: start))
    }

    @Test func theLeastRecentFailureIsTheLongestAgo() {
        let health = AddressHealth()
        health.failed(one, at: start + .seconds(1))
        health.failed(two, at: start)
        #expect(health.leastRecentlyFailed(of: [one, two]) == two)
        #expect(health.leastRecentlyFailed(of: []) == nil)
    }

    @Test func onlySoManyAddressesAreKept() {
        let health = AddressHealth()
        for number in 0..<2000 { health.failed(SocketAddress("::\(String(number, radix: 16))", port: 1)!, at: start) }
        #expect(health.failing.count == 256)
    }
}
