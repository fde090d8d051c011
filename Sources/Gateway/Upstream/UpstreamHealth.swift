import Clocks
import HTTPClient
import Policy
import Synchronization
import Transport

/// The state of one upstream that outlasts a reload: the bound on its connections, the health of its addresses and its own.
final class UpstreamHealth: Sendable {
    let connections: SharedClientState
    /// Its state as administrators see it.
    let watch: StateWatch
    /// Its name in events: its URL without a path.
    let name: String
    private let state: Mutex<State>

    private struct State {
        var breaker = CircuitBreaker.initial
        var retries: RetryBudget
    }

    /// The state of the upstream at `origin`, which has not been used.
    init(_ origin: Origin, connections: Int, at now: MonotonicTime, _ events: (any EventSink)?) {
        name = origin.url
        watch = StateWatch(name, recovery: .upstreamRecovered, events)
        self.connections = SharedClientState(connections: connections)
        state = Mutex(State(retries: RetryBudget(at: now)))
    }

    /// Notes the beginning of a request that other keys or upstreams may serve.
    func requestStarted() { state.withLock { $0.retries.requestStarted() } }

    /// Returns true where a request may be sent once more: retries are a part of all requests, so that they never multiply the
    /// load of an outage.
    func takeRetry(at now: MonotonicTime) -> Bool { state.withLock { $0.retries.takeRetry(at: now) } }

    /// Returns true where the upstream may be used at `now`. After a pause, the first to ask probes it.
    func mayTry(at now: MonotonicTime) -> Bool { state.withLock { $0.breaker.mayTry(at: now, CircuitBreaker.Rules()) } }

    /// Notes that the upstream has answered.
    func succeeded() { state.withLock { $0.breaker.succeeded() } }

    /// Notes that the upstream is out of reach, or can serve nothing now.
    func failed(at now: MonotonicTime) {
        let jitter = Double.random(in: 0..<1)
        state.withLock { $0.breaker.failed(at: now, jitter: jitter, CircuitBreaker.Rules()) }
    }

    /// Notes the end of a use that tells nothing.
    func gaveUp(at now: MonotonicTime) { state.withLock { $0.breaker.gaveUp(at: now) } }
}

/// The health of all upstreams, by their addresses.
final class UpstreamHealths: Sendable {
    private let events: (any EventSink)?
    private let states = Mutex<[Origin: UpstreamHealth]>([:])

    /// Reports changes to `events`.
    init(_ events: (any EventSink)?) { self.events = events }

    /// The states of the upstreams of `options` in their order, with its bound on connections. Forgets all others.
    func states(of options: GatewayOptions, at clock: any TimeSource) -> [UpstreamHealth] {
        states.withLock { states in
            let used = options.upstreams.map { upstream in
                let known = states[upstream.origin]
                return (
                    upstream.origin,
                    known
                        ?? UpstreamHealth(
                            upstream.origin, connections: options.upstreamConnections, at: clock.monotonic, events)
                )
            }
            states = Dictionary(used) { first, _ in first }
            for state in states.values { state.connections.budget.setLimit(options.upstreamConnections) }
            return options.upstreams.compactMap { states[$0.origin] }
        }
    }
}
