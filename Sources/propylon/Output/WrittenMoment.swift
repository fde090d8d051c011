import Bytes
import Clocks
import Policy

/// Moments to the millisecond. Event loops write them, so no formatter is used, and nothing is allocated.
extension [UInt8] {
    /// Appends `moment` in UTC, as `2026-11-23T10:00:00.123Z`, for programs.
    mutating func appendUTC(_ moment: Timestamp) { append(moment, minutesEast: 0) }

    /// Appends `moment` on the clocks of the zone of `time`, as `2026-11-23T11:00:00.123+01:00`, for people.
    mutating func append(_ moment: Timestamp, on time: TimeText) {
        append(moment, minutesEast: time.offset(at: moment.seconds) / 60)
    }

    private mutating func append(_ moment: Timestamp, minutesEast: Int64) {
        let local = moment.seconds.addingSaturated(minutesEast.multipliedSaturated(by: 60))
        let day = local.flooredQuotient(by: 86_400)
        let date = CivilDate(daysSince1970: day)
        let second = local - day * 86_400
        appendDecimal(date.year, digits: 4)
        append(ASCII.hyphen)
        appendDecimal(date.month, digits: 2)
        append(ASCII.hyphen)
        appendDecimal(date.day, digits: 2)
        append(UInt8(ascii: "T"))
        appendDecimal(second / 3600, digits: 2)
        append(ASCII.colon)
        appendDecimal(second / 60 % 60, digits: 2)
        append(ASCII.colon)
        appendDecimal(second % 60, digits: 2)
        append(ASCII.point)
        let microsecond = moment.microseconds % 1_000_000
        appendDecimal((microsecond < 0 ? microsecond + 1_000_000 : microsecond) / 1000, digits: 3)
        appendOffset(minutesEast)
    }

    private mutating func appendOffset(_ minutes: Int64) {
        guard minutes != 0 else { return append(UInt8(ascii: "Z")) }
        append(minutes < 0 ? ASCII.hyphen : UInt8(ascii: "+"))
        appendDecimal(abs(minutes) / 60, digits: 2)
        append(ASCII.colon)
        appendDecimal(abs(minutes) % 60, digits: 2)
    }
}
