import Clocks
import HTTP1
import HTTPClient
import Policy

/// The attempts of one request: with one key after the other, then with the fallbacks, where nothing can have been billed.
final class UpstreamAttempts {
    private let clock: any TimeSource
    private(set) var target: UpstreamTarget
    /// Upstreams that are left to be tried.
    private var rest: ArraySlice<Upstream>
    /// Keys of the present upstream that were tried.
    private var tried: [Int] = []
    /// Keys whose responses left open what they were about, and the end of their pause if it was the key.
    private var suspects: [(upstream: Upstream, key: Int, until: MonotonicTime)] = []
    /// Counts the retries.
    private let health: UpstreamHealth
    /// True where the upstreams' health matters: there is a choice.
    private let hasChoice: Bool

    /// - Parameter fallbacks: upstreams that the request may be sent to besides, in order.
    init(_ first: Upstream, fallbacks: ArraySlice<Upstream>, at clock: any TimeSource) {
        self.clock = clock
        health = first.health
        hasChoice = !fallbacks.isEmpty
        rest = fallbacks
        let now = clock.monotonic
        var upstream = first
        health.requestStarted()
        // Where all are out of order, the first one is as good as any.
        if hasChoice, !first.health.mayTry(at: now), let index = rest.firstIndex(where: { $0.health.mayTry(at: now) }) {
            upstream = rest[index]
            rest = rest[(index + 1)...]
        }
        target = UpstreamTarget(upstream, upstream.keys.next(at: now))
        if let key = target.key { tried.append(key.index) }
    }

    /// Judges a response: nil where it is the client's; else the target to try next.
    func next(after head: ResponseHead) -> UpstreamTarget? {
        if hasChoice {
            head.status == 503 ? target.upstream.health.failed(at: clock.monotonic) : target.upstream.health.succeeded()
        }
        guard let key = target.key, let refusal = RefusedKey(status: head.status) else {
            // The request is served with this key, so that the others were to blame.
            for suspect in suspects { leaveOut(suspect.key, of: suspect.upstream, until: suspect.until, .perhaps) }
            return nil
        }
        let pause = RetryAfter.duration(in: head.fields, at: clock.now) ?? refusal.pause
        let until = clock.monotonic + pause
        switch refusal {
        case .always, .limited: leaveOut(key.index, of: target.upstream, until: until, refusal)
        case .perhaps: suspects.append((target.upstream, key.index, until))
        }
        return anotherKey() ?? (head.status == 403 ? nil : anotherUpstream())
    }

    /// Judges a failure: nil where it is final; else the target to try next.
    func next(after error: ClientError, wasSent: Bool) -> UpstreamTarget? {
        guard hasChoice else { return nil }
        let now = clock.monotonic
        switch error {
        case .clientGone, .exhausted, .unreadableBody:
            target.upstream.health.gaveUp(at: now)
            return nil
        case .unreachable, .proxy, .tls, .broken, .truncated, .malformed, .uninvitedSwitch, .timedOut:
            target.upstream.health.failed(at: now)
            return wasSent ? nil : anotherUpstream()
        }
    }

    /// Leaves a key out until `moment`, and says so.
    private func leaveOut(_ key: Int, of upstream: Upstream, until moment: MonotonicTime, _ refusal: RefusedKey) {
        let (watch, end) = (upstream.keys.watches[key], clock.now + (moment - clock.monotonic))
        upstream.keys.pause(key, until: moment)
        // A refused key was reported when its response came.
        if refusal == .always { return watch.rest(until: end) }
        watch.failed(.upstreamKeyResting, refusal.cause, restsUntil: end, at: clock)
    }

    private func anotherKey() -> UpstreamTarget? {
        let now = clock.monotonic
        guard let key = target.upstream.keys.another(than: tried, at: now), health.takeRetry(at: now) else {
            return nil
        }
        tried.append(key.index)
        target = UpstreamTarget(target.upstream, key)
        return target
    }

    private func anotherUpstream() -> UpstreamTarget? {
        let now = clock.monotonic
        while let upstream = rest.popFirst() {
            guard upstream.health.mayTry(at: now) else { continue }
            guard health.takeRetry(at: now) else { return nil }
            return use(upstream, at: now)
        }
        return nil
    }

    private func use(_ upstream: Upstream, at now: MonotonicTime) -> UpstreamTarget {
        target = UpstreamTarget(upstream, upstream.keys.next(at: now))
        tried = target.key.map { [$0.index] } ?? []
        return target
    }
}
