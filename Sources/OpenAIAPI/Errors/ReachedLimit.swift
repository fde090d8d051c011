import Bytes

/// The facts about a reached limit that its error states.
package struct ReachedLimit: Sendable, Equatable {
    /// The owner of the limit, for example "this key" or "the team 'research'".
    package var whose: String
    /// The limit, for example "20 requests a minute".
    package var limit: String
    /// The usage, for example "20 are used and 0 held by requests under way".
    package var state: String
    /// Milliseconds until there is room; nil if that depends on the end of other requests.
    package var wait: Int64?
    /// The time at which there is room, for example "2026-11-23T11:00:00Z".
    package var freeAt: String?

    /// Creates a limit with these facts.
    package init(whose: String, limit: String, state: String, wait: Int64?, freeAt: String? = nil) {
        self.whose = whose
        self.limit = limit
        self.state = state
        self.wait = wait
        self.freeAt = freeAt
    }

    /// Milliseconds until a retry: one second if the wait depends on other requests.
    var retryAfterMilliseconds: Int64 { wait ?? 1000 }

    /// The facts, and the time to wait, without a full stop.
    var message: String { "The limit of \(whose), \(limit), is reached: \(state). \(advice)" }

    private var advice: String {
        guard let wait else { return "Requests under way have to end first. Try again in a moment" }
        let seconds = wait.ceilingQuotient(by: 1000)
        return "Wait \(seconds == 1 ? "1 second" : "\(seconds) seconds")" + (freeAt.map { ", until \($0)" } ?? "")
    }
}
