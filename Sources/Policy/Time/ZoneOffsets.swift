/// The offsets of a time zone from UTC within a span of time. With them, hours, days, weeks and months are integer arithmetic.
package struct ZoneOffsets: Sendable, Equatable {
    /// A span of time with one offset. It ends where the next one starts.
    package struct Period: Sendable, Equatable {
        /// The first second with this offset, since 1970.
        package let start: Int64
        /// Seconds east of UTC, within two days.
        package let offset: Int64

        /// A period that starts at the second `start`. An offset beyond two days is cut off: no zone has one.
        package init(start: Int64, offset: Int64) {
            self.start = start
            self.offset = min(max(offset, -172_800), 172_800)
        }
    }

    /// In the order of time, at least one. The first one also applies to all time before it.
    package let periods: [Period]

    /// The offsets of `periods`: at least one, in the order of time.
    package init(periods: [Period]) {
        precondition(!periods.isEmpty, "a time zone has an offset at every time")
        self.periods = periods
    }

    /// The offset at `second`, both in seconds.
    package func offset(at second: Int64) -> Int64 {
        (periods.last { $0.start <= second } ?? periods[0]).offset
    }
}
