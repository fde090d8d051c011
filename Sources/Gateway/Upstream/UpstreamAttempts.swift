import Clocks
import HTTP1
import HTTPClient
import Policy

/// An upstream and one of its keys, that a request is sent with.
final class UpstreamTarget {
    let upstream: Upstream
    /// The key; nil for an upstream without keys.
    let key: UpstreamKeys.Chosen?

    var authorization: String? { key?.authorization }

    init(_ upstream: Upstream, _ key: UpstreamKeys.Chosen?) {
        self.upstream = upstream
        self.key = key
    }
}

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

    /// - Parameter fallbacks: upstreams that the request may be sent to besides, in order.
    init(_ first: Upstream, fallbacks: ArraySlice<Upstream>, at clock: any TimeSource) {
        self.clock = clock
        rest = fallbacks
        target = UpstreamTarget(first, first.keys.next(at: clock.monotonic))
        if let key = target.key { tried.append(key.index) }
    }

    /// Judges a response: nil where it is the client's; else the target to try next.
    func next(after head: ResponseHead) -> UpstreamTarget? {
        guard let key = target.key, let refusal = RefusedKey(status: head.status) else {
            // The request is served with this key, so that the others were to blame.
            for suspect in suspects { suspect.upstream.keys.pause(suspect.key, until: suspect.until) }
            return nil
        }
        let pause = RetryAfter.duration(in: head.fields, at: clock.now) ?? refusal.pause
        let until = clock.monotonic + pause
        switch refusal {
        case .always, .limited: target.upstream.keys.pause(key.index, until: until)
        case .perhaps: suspects.append((target.upstream, key.index, until))
        }
        return anotherKey() ?? (head.status == 403 ? nil : anotherUpstream())
    }

    /// Judges a failure: nil where it is final; else the target to try next.
    func next(after error: ClientError, wasSent: Bool) -> UpstreamTarget? {
        guard !wasSent else { return nil }
        switch error {
        case .unreachable, .tls: return anotherUpstream()
        default: return nil
        }
    }

    private func anotherKey() -> UpstreamTarget? {
        guard let key = target.upstream.keys.another(than: tried, at: clock.monotonic) else { return nil }
        tried.append(key.index)
        target = UpstreamTarget(target.upstream, key)
        return target
    }

    private func anotherUpstream() -> UpstreamTarget? {
        guard let upstream = rest.popFirst() else { return nil }
        target = UpstreamTarget(upstream, upstream.keys.next(at: clock.monotonic))
        tried = target.key.map { [$0.index] } ?? []
        return target
    }
}
