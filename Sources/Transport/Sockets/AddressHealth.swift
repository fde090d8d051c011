import Clocks
import Synchronization

/// Circuit breakers of the addresses that connections are opened to, shared by all loops.
///
/// An address without failures has no entry.
package final class AddressHealth: Sendable {
    private struct Entry {
        var breaker = CircuitBreaker.initial
        var lastFailure: MonotonicTime
    }

    /// More addresses than this have no breaker; a name has a few.
    private static let capacity = 256

    private let rules: CircuitBreaker.Rules
    private let entries = Mutex<[SocketAddress: Entry]>([:])

    /// No address has failed yet.
    package init(_ rules: CircuitBreaker.Rules = CircuitBreaker.Rules()) { self.rules = rules }

    /// Returns true where `address` may be tried at `now`. The outcome has to be reported.
    func mayTry(_ address: SocketAddress, at now: MonotonicTime) -> Bool {
        entries.withLock { $0[address]?.breaker.mayTry(at: now, rules) ?? true }
    }

    /// The address whose last failure is the longest ago, of `addresses` that may not be tried: one of them has to be
    /// where there is no other.
    func leastRecentlyFailed(of addresses: [SocketAddress]) -> SocketAddress? {
        entries.withLock { entries in
            addresses.min { left, right in
                (entries[left]?.lastFailure.nanoseconds ?? 0) < (entries[right]?.lastFailure.nanoseconds ?? 0)
            }
        }
    }

    /// A connection to `address` is usable, TLS included.
    package func succeeded(_ address: SocketAddress) {
        entries.withLock { entries in if !entries.isEmpty { entries[address] = nil } }
    }

    /// A connection to `address` was refused, came too late, or failed in its TLS handshake.
    package func failed(_ address: SocketAddress, at now: MonotonicTime) {
        let jitter = Double.random(in: 0..<1)
        entries.withLock { entries in
            guard entries[address] != nil || entries.count < Self.capacity else { return }
            var entry = entries[address] ?? Entry(lastFailure: now)
            entry.breaker.failed(at: now, jitter: jitter, rules)
            entry.lastFailure = now
            entries[address] = entry
        }
    }

    /// An attempt ended because another one was faster.
    func gaveUp(_ address: SocketAddress, at now: MonotonicTime) {
        entries.withLock { $0[address]?.breaker.gaveUp(at: now) }
    }

    /// Addresses that have failed since they succeeded last, with the states of their breakers.
    package var failing: [(address: SocketAddress, breaker: CircuitBreaker)] {
        entries.withLock { entries in entries.map { ($0.key, $0.value.breaker) } }
    }
}
