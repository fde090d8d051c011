import Bytes

/// The facts about a reached limit that its error states.
package struct ReachedLimit: Sendable, Equatable {
    /// The owner of the limit, for example "this key" or "the team 'research'".
    package var whose: String
    /// The limit, for example "20 requests a minute".
    package var limit: String
    /// The usage, for example "20 are used, 1 are held by requests in flight".
    package var state: String
    /// What the request lacks; nil where nothing is left.
    package var lack: Lack?
    /// The time until there is room.
    package var wait: Wait

    /// A request that needs more than what is left.
    package struct Lack: Sendable, Equatable {
        /// The most that the request could take, for example "0.7 EUR".
        let most: String
        /// What is left, for example "0.5 EUR".
        let left: String
        /// The member with which the client could ask for less output, so that the request fits; nil where it would not.
        let remedy: String?

        /// Creates the facts.
        package init(most: String, left: String, remedy: String?) {
            self.most = most
            self.left = left
            self.remedy = remedy
        }
    }

    /// The time until a limit has room.
    package enum Wait: Sendable, Equatable {
        /// So many milliseconds, until a moment such as "2026-11-23T11:00:00Z".
        case known(milliseconds: Int64, until: String)
        /// Unknown: it depends on other requests. The next try is good after `pause` milliseconds.
        case unknown(pause: Int64)
    }

    /// Creates a limit with these facts.
    package init(whose: String, limit: String, state: String, lack: Lack? = nil, wait: Wait) {
        self.whose = whose
        self.limit = limit
        self.state = state
        self.lack = lack
        self.wait = wait
    }

    /// Milliseconds until a retry.
    var retryAfterMilliseconds: Int64 {
        switch wait {
        case .known(let milliseconds, _), .unknown(let milliseconds): milliseconds
        }
    }

    /// The facts, and the time to wait, without a full stop.
    var message: String {
        guard let lack else { return "The limit of \(whose), \(limit), is reached: \(state). \(advice)" }
        let remedy = lack.remedy.map { "A smaller '\($0)' may fit. " } ?? ""
        return "The limit of \(whose), \(limit), leaves no room for this request: it could take up to \(lack.most), "
            + "and \(lack.left) are left (\(state)). \(remedy)\(advice)"
    }

    /// Agents read the seconds in "try again in 5s".
    private var advice: String {
        let seconds = retryAfterMilliseconds.ceilingQuotient(by: 1000)
        return switch wait {
        case .known(_, let moment): "Please try again in \(seconds)s, at \(moment)"
        case .unknown:
            "It depends on other requests when there is room, so no time is known. Please try again in \(seconds)s"
        }
    }
}
