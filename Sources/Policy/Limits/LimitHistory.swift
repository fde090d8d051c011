import Clocks

/// What limits have to know of the past when a gateway starts: what was used in the windows that are still open, and the
/// requests of the last moments.
package struct LimitHistory: Sendable, Equatable {
    /// What one key used for one team in a window. A key without a team has nil, and a key that changed its team has several.
    package struct Use: Sendable, Equatable {
        /// The public id of the key.
        package var keyID: String
        /// The team at the time of the requests.
        package var team: String?
        /// What was used, of whatever status.
        package var amounts: LimitAmounts

        /// The use of these facts.
        package init(keyID: String, team: String?, amounts: LimitAmounts) {
            self.keyID = keyID
            self.team = team
            self.amounts = amounts
        }
    }

    /// Requests of the last moments that count: those of one key, for one team, within a second.
    package struct Requests: Sendable, Equatable {
        /// When the last of them began.
        package var startedAt: Timestamp
        /// The public id of the key.
        package var keyID: String
        /// The team at that time.
        package var team: String?
        /// How many they are.
        package var count: Int64
        /// Their input and output tokens.
        package var tokens: Int64

        /// Requests of these facts.
        package init(startedAt: Timestamp, keyID: String, team: String?, count: Int64, tokens: Int64) {
            self.startedAt = startedAt
            self.keyID = keyID
            self.team = team
            self.count = count
            self.tokens = tokens
        }
    }

    /// The uses of the hour.
    package var hour: [Use]
    /// The uses of the day.
    package var day: [Use]
    /// The uses of the month. A team's and the account's are sums over these.
    package var month: [Use]
    /// In about the order of their beginnings.
    package var recent: [Requests]

    /// Nothing, or these.
    package init(hour: [Use] = [], day: [Use] = [], month: [Use] = [], recent: [Requests] = []) {
        self.hour = hour
        self.day = day
        self.month = month
        self.recent = recent
    }

    /// Since when a history has to be known.
    package struct Span: Sendable, Equatable {
        /// The beginnings of the current windows.
        package var hour: Timestamp
        package var day: Timestamp
        package var month: Timestamp
        /// From when on requests are told of; nil where nothing is limited by the minute. A bucket that was never empty since has
        /// forgotten what came before.
        package var recent: Timestamp?

        /// A span of these beginnings.
        package init(hour: Timestamp, day: Timestamp, month: Timestamp, recent: Timestamp?) {
            self.hour = hour
            self.day = day
            self.month = month
            self.recent = recent
        }
    }
}
