import Bytes

/// A clock hour in one number, which sorts by time.
///
/// At the end of summer time two hours have the same name, and only the offset distinguishes them.
struct LocalHour {
    private static let scale: Int64 = 200_000
    private static let middle: Int64 = 100_000

    /// Hours since 1970 in local time.
    let hour: Int64
    /// Seconds east of UTC, at most 18 hours.
    let offset: Int64

    init(hour: Int64, offset: Int64) {
        self.hour = hour
        self.offset = offset
    }

    init(_ number: Int64) {
        hour = number.flooredQuotient(by: Self.scale)
        offset = Self.middle - (number - hour * Self.scale)
    }

    var number: Int64 { hour * Self.scale + Self.middle - offset }
}
