import Clocks

/// Usage in the ledger that a limiter does not know: of the current windows, of the last minutes, and of windows to come.
package struct LimitHistory: Sendable, Equatable {
    /// Usage of one owner in a window. A key that changed its team has several.
    package struct Use: Sendable, Equatable {
        /// The owners: their models and users where `Span.hasParts` asks for them.
        package var owner: UsageOwner
        /// The sums over all requests, of any status: `requests` are those whose record `countsAsRequest`.
        package var amounts: LimitAmounts
        /// True for usage of batches, which no limit of tokens in a minute or an hour counts (`LimitKind.countsBatches`).
        package var isOfBatches: Bool

        /// Usage with these facts.
        package init(_ owner: UsageOwner, amounts: LimitAmounts, isOfBatches: Bool = false) {
            self.owner = owner
            self.amounts = amounts
            self.isOfBatches = isOfBatches
        }

        /// The same with `more` of the same owners.
        package func adding(_ more: LimitAmounts) -> Use {
            Use(owner, amounts: amounts + more, isOfBatches: isOfBatches)
        }
    }

    /// Requests of one owner within a second.
    package struct Requests: Sendable, Equatable {
        /// The start of the last of them.
        package var startedAt: Timestamp
        /// The owners, as in `Use`.
        package var owner: UsageOwner
        /// The sums, as in `Use`.
        package var amounts: LimitAmounts
        /// True for usage of batches, as in `Use`.
        package var isOfBatches: Bool

        /// Requests with these facts.
        package init(
            startedAt: Timestamp, _ owner: UsageOwner, amounts: LimitAmounts, isOfBatches: Bool = false
        ) {
            self.startedAt = startedAt
            self.owner = owner
            self.amounts = amounts
            self.isOfBatches = isOfBatches
        }
    }

    /// Usage in each current window. Teams and the account get the sums.
    package var uses: [LimitWindow: [Use]]
    /// Requests for the limits per minute, ordered by the second of their start.
    package var recent: [Requests]
    /// Requests of windows to come, which a clock that was ahead has left; of one owner within a quarter of an hour.
    package var future: [Requests]

    /// The credits of all current windows, which `uses` does not have.
    package var credits: [CostCorrection] = []
    /// The corrections after `Span.lastCorrection`, of windows that the limiter knows. `uses` has them already.
    package var corrections: [CostCorrection] = []
    /// The number of the last correction that the history has.
    package var lastCorrection: Int64 = 0

    /// A history; empty by default.
    package init(uses: [LimitWindow: [Use]] = [:], recent: [Requests] = [], future: [Requests] = []) {
        self.uses = uses
        self.recent = recent
        self.future = future
    }

    /// The history of single requests: each counts in the windows of `span` in which it began.
    package init(of requests: [Requests], in span: Span) {
        uses = span.windows.mapValues { window in
            requests.filter { window.contains($0.startedAt) }
                .map { Use($0.owner, amounts: $0.amounts, isOfBatches: $0.isOfBatches) }
        }
        recent = requests.filter { request in span.recent.map { $0.contains(request.startedAt) } ?? false }
        future = requests.filter { request in span.future.map { request.startedAt >= $0 } ?? false }
    }

    /// The spans of time that a history has to cover.
    package struct Span: Sendable, Equatable {
        /// Each current window, without its end.
        package var windows: [LimitWindow: Range<Timestamp>]
        /// The time for `recent`, up to now; nil where no limit is per minute.
        package var recent: ClosedRange<Timestamp>?
        /// The number of the last correction that the limiter has counted; nil for one that has counted nothing yet.
        package var lastCorrection: Int64?
        /// True where models and users have limits, so that usage of each is needed.
        package var hasParts: Bool
        /// The start of the time for `future`: the first end of a current window.
        package var future: Timestamp? { windows.values.map(\.upperBound).min() }

        /// A span of these times.
        package init(
            windows: [LimitWindow: Range<Timestamp>], recent: ClosedRange<Timestamp>?, lastCorrection: Int64? = nil,
            hasParts: Bool = false
        ) {
            self.windows = windows
            self.recent = recent
            self.lastCorrection = lastCorrection
            self.hasParts = hasParts
        }
    }
}
