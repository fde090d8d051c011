import Clocks
import HTTPClient
import Policy
import Transport

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

    private var keyWatch: StateWatch? { key.map { upstream.keys.watches[$0.index] } }

    /// Notes a response of this status, for the administrator.
    ///
    /// - Parameter now: the time of the present loop.
    func answered(_ status: Int, at now: MonotonicTime, _ clock: any TimeSource) {
        guard status < 400 else { return answeredError(status, at: now, clock) }
        upstream.health.watch.succeeded(at: now, clock)
        if let key { upstream.keys.watches[key.index].succeeded(at: now, clock) }
    }

    @inline(never)
    private func answeredError(_ status: Int, at now: MonotonicTime, _ clock: any TimeSource) {
        let upstream = upstream.health.watch
        switch status {
        case 401, 402:
            upstream.succeeded(at: now, clock)
            keyWatch?.failed(.upstreamKeyRefused, .upstreamKeyRefused, detail: "status \(status)", at: clock)
        case 429:
            upstream.succeeded(at: now, clock)
            keyWatch?.noteFault(.upstreamKeyLimited, at: clock)
        case ..<500:
            upstream.succeeded(at: now, clock)
            keyWatch?.succeeded(at: now, clock)
        default: upstream.failed(.upstreamUnreachable, .upstreamError, detail: "status \(status)", at: clock)
        }
    }

    /// Notes that there is no response, for the administrator.
    @inline(never)
    func failed(_ error: ClientError, at clock: any TimeSource) {
        switch error {
        case .clientGone, .unreadableBody: break
        case .exhausted, .unreachable, .proxy, .tls, .broken, .truncated, .malformed, .uninvitedSwitch, .timedOut:
            upstream.health.watch.failed(.upstreamUnreachable, error.cause(), detail: error.detail, at: clock)
        }
    }
}
