/// The offsets from UTC that a time zone has within a span of time, and since when each.
///
/// With them the hours, days and months of a zone are arithmetic on integers.
package struct ZoneOffsets: Sendable, Equatable {
    /// A span of time with one offset; it ends where the next one begins.
    package struct Period: Sendable, Equatable {
        /// The first second with this offset, since 1970.
        package let start: Int64
        /// Seconds east of UTC.
        package let offset: Int64

        /// A period that begins at `start`, both in seconds.
        package init(start: Int64, offset: Int64) {
            self.start = start
            self.offset = offset
        }
    }

    /// In the order of time, at least one; the first one also holds for everything before it.
    package let periods: [Period]

    /// The offsets of `periods`, which are in the order of time and at least one.
    package init(periods: [Period]) {
        precondition(!periods.isEmpty, "a time zone has an offset at every time")
        self.periods = periods
    }

    /// The offset in force at `second`, both in seconds.
    package func offset(at second: Int64) -> Int64 {
        (periods.last { $0.start <= second } ?? periods[0]).offset
    }
}
