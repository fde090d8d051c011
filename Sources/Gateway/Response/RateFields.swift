import Bytes
import Clocks
import Policy

extension RateLimits {
    /// The fields `x-ratelimit-{limit,remaining,reset}-{requests,tokens}` of the limits that there are.
    func fields(_ format: ResetFormat, at now: Timestamp) -> [(name: StaticString, value: String)] {
        var fields: [(name: StaticString, value: String)] = []
        if let requests {
            fields.append(("x-ratelimit-limit-requests", String(requests.limit)))
            fields.append(("x-ratelimit-remaining-requests", String(requests.remaining)))
            fields.append(("x-ratelimit-reset-requests", format.text(requests.reset, at: now)))
        }
        if let tokens {
            fields.append(("x-ratelimit-limit-tokens", String(tokens.limit)))
            fields.append(("x-ratelimit-remaining-tokens", String(tokens.remaining)))
            fields.append(("x-ratelimit-reset-tokens", format.text(tokens.reset, at: now)))
        }
        return fields
    }
}

extension ResetFormat {
    /// The text of the moment `microseconds` after `now`, rounded up.
    func text(_ microseconds: Int64, at now: Timestamp) -> String {
        switch self {
        case .unix: return String(now.microseconds.addingSaturated(microseconds).ceilingQuotient(by: 1_000_000))
        case .duration:
            let milliseconds = microseconds.ceilingQuotient(by: 1000)
            guard milliseconds >= 1000 || milliseconds == 0 else { return "\(milliseconds)ms" }
            let seconds = milliseconds.ceilingQuotient(by: 1000)
            let minutes = seconds / 60
            if minutes == 0 { return "\(seconds)s" }
            if minutes < 60 { return "\(minutes)m\(seconds % 60)s" }
            return "\(minutes / 60)h\(minutes % 60)m\(seconds % 60)s"
        }
    }
}
