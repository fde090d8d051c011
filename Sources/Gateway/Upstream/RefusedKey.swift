import Clocks
import HTTP1
import Policy

/// A response that may be about the key and not about the request, so that another key may be served.
enum RefusedKey {
    /// The key is not known, or not paid for: no request with it can succeed.
    case always
    /// The key has used up its limits for now.
    case limited
    /// The reason may be the key, the request or the upstream. Another key tells.
    case perhaps

    init?(status: Int) {
        switch status {
        case 401, 402: self = .always
        case 429: self = .limited
        case 403, 503: self = .perhaps
        default: return nil
        }
    }

    /// The cause of the key's pause.
    var cause: Cause { self == .limited ? .upstreamKeyLimited : .upstreamKeyRefused }

    /// The time for which the key is left out where the response does not say it.
    var pause: Duration {
        switch self {
        case .always: .seconds(60)
        case .limited: .seconds(10)
        case .perhaps: .seconds(30)
        }
    }
}

/// The value of `retry-after` (RFC 9110, section 10.2.3).
package enum RetryAfter {
    /// The longest wait that is believed.
    package static let longest = Duration.seconds(3600)

    /// The wait that `fields` state at `now`, at most `longest`; nil where they state none.
    package static func duration(in fields: HeaderFields, at now: Timestamp) -> Duration? {
        guard let value = fields.first("retry-after") else { return nil }
        let text = fields.string(value)
        if let seconds = Int64(text) { return .seconds(min(max(0, seconds), 3600)) }
        guard let date = Timestamp(httpDate: text) else { return nil }
        return min(max(.zero, date - now), longest)
    }
}

extension Timestamp {
    /// The names of the months in dates of HTTP and mail.
    package static let monthNames = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// The moment `text` names as IMF-fixdate, such as `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
    init?(httpDate text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let day = Int64(parts[1]), (1...31).contains(day),
            let month = Self.monthNames.firstIndex(of: String(parts[2])), let year = Int64(parts[3]),
            (1...9999).contains(year)
        else { return nil }
        let clock = parts[4].split(separator: ":").compactMap { Int64($0) }
        guard clock.count == 3, (0...23).contains(clock[0]), (0...59).contains(clock[1]), (0...60).contains(clock[2])
        else { return nil }
        let days = CivilDate(year: year, month: Int64(month) + 1, day: day).daysSince1970
        self.init(seconds: days * 86_400 + clock[0] * 3600 + clock[1] * 60 + clock[2])
    }
}
