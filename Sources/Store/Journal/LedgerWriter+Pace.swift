extension LedgerWriter {
    /// The times and bounds of a writer.
    package struct Pace: Sendable {
        /// The time that a row waits for others to share its transaction.
        package var delay: Duration = .milliseconds(50)
        /// Waiting rows that start a transaction at once.
        package var group = 2048
        /// The pause between two tries while the database refuses.
        package var retry: Duration = .seconds(1)
        /// The time that the database may refuse before `trouble` reports it.
        package var timeout: Duration = .seconds(5)
        /// The most rows of refused requests in memory once the journal is full, about 400 bytes each.
        package var overflow = 10_000

        /// The values of a gateway.
        package init() {}
    }
}
