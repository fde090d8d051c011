import Bytes
import Clocks
import Policy

extension [UInt8] {
    /// Appends `moment` in UTC to the millisecond, as `2026-11-23T10:00:00.123Z`. Allocates nothing.
    mutating func appendUTC(_ moment: Timestamp) {
        let day = moment.seconds.flooredQuotient(by: 86_400)
        let date = CivilDate(daysSince1970: day)
        let second = moment.seconds - day * 86_400
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
        append(UInt8(ascii: "Z"))
    }
}
