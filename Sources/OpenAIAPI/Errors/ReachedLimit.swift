import Bytes

/// The facts about a reached limit that its error states.
package struct ReachedLimit: Sendable, Equatable {
    /// The owner of the limit, for example "this key" or "the team 'research'".
    package var whose: String
    /// The limit, for example "20 requests a minute".
    package var limit: String
    /// The usage, for example "20 are used and 0 held by requests and batches in flight".
    package var state: String
    /// The time until there is room.
    package var wait: Wait

    /// The time until a limit has room.
    package enum Wait: Sendable, Equatable {
        /// So many milliseconds, until a moment such as "2026-11-23T11:00:00Z".
        case known(milliseconds: Int64, until: String)
        /// Unknown: it depends on other requests. The next try is good after `pause` milliseconds.
        case unknown(pause: Int64)
    }

    /// Creates a limit with these facts.
    package init(whose: String, limit: String, state: String, wait: Wait) {
        self.whose = whose
        self.limit = limit
        self.state = state
        self.wait = wait
    }

    /// Milliseconds until a retry.
    var retryAfterMilliseconds: Int64 {
        switch wait {
        case .known(let milliseconds, _), .unknown(let milliseconds): milliseconds
        }
    }

    /// The facts, and the time to wait, without a full stop.
    var message: String { "The limit of \(whose), \(limit), is reached: \(state). \(advice)" }

    private var advice: String {
        let seconds = retryAfterMilliseconds.ceilingQuotient(by: 1000)
        let words = seconds == 1 ? "1 second" : "\(seconds) seconds"
        return switch wait {
        case .known(_, let moment): "Wait \(words), until \(moment)"
        case .unknown: "It depends on other requests when there is room, so no time is known. Try again in \(words)"
        }
    }
}
