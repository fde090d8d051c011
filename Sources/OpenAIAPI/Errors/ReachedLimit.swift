import Bytes

/// The facts about a reached limit that its error states.
package struct ReachedLimit: Sendable, Equatable {
    /// The owner of the limit, for example "this key" or "the team 'research'".
    package var whose: String
    /// The limit, for example "20 requests a minute".
    package var limit: String
    /// The usage, for example "20 are used, 1 are held by requests and batches in flight".
    package var state: String
    /// What the request lacks; nil where it is used up.
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
        /// There is none: the limit does not refill.
        case never
    }

    /// Creates a limit with these facts.
    package init(whose: String, limit: String, state: String, lack: Lack? = nil, wait: Wait) {
        self.whose = whose
        self.limit = limit
        self.state = state
        self.lack = lack
        self.wait = wait
    }

    /// Milliseconds until a retry; nil where none can succeed.
    var retryAfterMilliseconds: Int64? {
        switch wait {
        case .known(let milliseconds, _), .unknown(let milliseconds): milliseconds
        case .never: nil
        }
    }

    /// The facts, and the time to wait.
    ///
    /// - Parameter alternative: The end of the advice to wait, with its full stop.
    func message(_ alternative: String) -> String {
        guard let lack else {
            return "The limit of \(whose), \(limit), is reached: \(state). \(advice(alternative))"
        }
        let remedy = lack.remedy.map { "A smaller '\($0)' may fit. " } ?? ""
        return "The limit of \(whose), \(limit), leaves no room for this request: it could take up to \(lack.most), "
            + "and \(lack.left) are left (\(state)). \(remedy)\(advice(alternative))"
    }

    /// Agents read the time in "try again in 5s" or "try again in 20ms".
    private func advice(_ alternative: String) -> String {
        switch wait {
        case .known(let milliseconds, let moment):
            "Please try again in \(Self.text(milliseconds)), at \(moment)\(alternative)"
        case .unknown(let pause):
            "It depends on other requests when there is room, so no time is known. Please try again in "
                + Self.text(pause) + alternative
        case .never: "It does not refill: ask for a higher one, or try a smaller request."
        }
    }

    private static func text(_ milliseconds: Int64) -> String {
        milliseconds < 1000 ? "\(milliseconds)ms" : "\(milliseconds.ceilingQuotient(by: 1000))s"
    }
}
