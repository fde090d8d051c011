import Bytes
import Clocks
import Foundation
import Policy
import Settings
import Store

/// Times and durations as people write and read them: on the command line, in lines of the log for people, and in messages.
struct TimeText {
    /// UTC, in which programs read times.
    static let utc = TimeText(zone: .gmt)

    /// The zone of times that name none, and of all results.
    let zone: TimeZone

    /// A text that is not a time or duration.
    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    /// A duration: a whole number with a unit, `90s`, `5m`, `24h`, `30d`, `2w`. A day is 24 hours.
    static func duration(_ text: String) throws(Problem) -> Duration {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]
        let digits = text.dropLast()
        guard let unit = text.last.flatMap({ units[$0] }), !digits.isEmpty, digits.utf8.allSatisfy(ASCII.isDigit) else {
            throw Problem(
                description: "\"\(text)\" is not a duration: write a number with s, m, h, d or w, as 24h or 90d")
        }
        // Ten thousand years, far within the range of `Timestamp`.
        guard let number = Int64(digits), number <= 315_360_000_000 / unit else {
            throw Problem(description: "the duration \"\(text)\" is too long")
        }
        return .seconds(number * unit)
    }

    /// The largest two units of an age in seconds: `12s`, `3m05s`, `2h40m`, `3d04h`.
    static func age(_ seconds: Int64) -> String {
        func text(_ number: Int64, _ unit: String, _ rest: Int64, _ smaller: String) -> String {
            "\(number)\(unit)\(rest < 10 ? "0" : "")\(rest)\(smaller)"
        }
        switch seconds {
        case ..<60: return "\(seconds)s"
        case ..<3600: return text(seconds / 60, "m", seconds % 60, "s")
        case ..<86_400: return text(seconds / 3600, "h", seconds % 3600 / 60, "m")
        default: return text(seconds / 86_400, "d", seconds % 86_400 / 3600, "h")
        }
    }

    /// A moment of the past: a duration before `now` (`24h`), the start of the current `hour`, `day` or `month` or of the
    /// `last-month`, or a date or time as in `moment`.
    func past(_ text: String, now: Timestamp) throws(Problem) -> Timestamp {
        let local = now.seconds + offset(at: now.seconds)
        let day = local.flooredQuotient(by: 86_400)
        switch text {
        case "hour": return resolve(local: local.flooredQuotient(by: 3600) * 3600, near: now)
        case "day": return resolve(local: day * 86_400, near: nil)
        case "month": return resolve(local: Self.monthBegin(of: day) * 86_400, near: nil)
        case "last-month": return resolve(local: Self.monthBegin(of: Self.monthBegin(of: day) - 1) * 86_400, near: nil)
        default: break
        }
        if let last = text.last, "smhdw".contains(last) {
            return now + (.zero - (try Self.duration(text)))
        }
        return try moment(text)
    }

    /// The first day of the month of `day`, both since 1970.
    private static func monthBegin(of day: Int64) -> Int64 { day - CivilDate(daysSince1970: day).day + 1 }

    /// A moment of the future: a duration after `now` (`90d`), the end of a date (`2026-11-01`: the midnight after that day), or
    /// a time as in `moment`.
    func future(_ text: String, now: Timestamp) throws(Problem) -> Timestamp {
        if let last = text.last, "smhdw".contains(last) { return now + (try Self.duration(text)) }
        guard let date = CivilDate(text) else { return try moment(text) }
        return resolve(local: (date.daysSince1970 + 1) * 86_400, near: nil)
    }

    /// The end of the current `hour`, `day`, `week` or `month`, or a moment of the future as in `future`.
    func end(_ text: String, now: Timestamp) throws(Problem) -> Timestamp {
        // 32 days: longer than every month.
        let month = Duration.seconds(2_764_800)
        let zone = ZoneOffsets(of: zone, from: (now + (.zero - month)).seconds, to: (now + month).seconds)
        let span: Range<Int64>
        switch text {
        case "hour": span = zone.hour(at: now.seconds)
        case "day": span = zone.day(at: now.seconds)
        case "week": span = zone.week(at: now.seconds)
        case "month": span = zone.month(at: now.seconds)
        default: return try future(text, now: now)
        }
        return Timestamp(seconds: span.upperBound)
    }

    /// `2026-11-01` (its first moment), `2026-11-01T12:00` or `2026-11-01T12:00:30`, in the zone unless `Z` or an offset such as
    /// `+01:00` follows.
    ///
    /// Of a time that the clock shows twice, the first one. A time that the clock skips is as much later as the clock skipped.
    func moment(_ text: String) throws(Problem) -> Timestamp {
        guard let written = WrittenTime(text) else {
            throw Problem(
                description: "\"\(text)\" is not a time: write 2026-11-01, 2026-11-01T12:00, 2026-11-01T12:00:00Z or "
                    + "2026-11-01T12:00+01:00")
        }
        guard let date = CivilDate(existing: written.year, written.month, written.day), written.hour < 24,
            written.minute < 60, written.second < 60
        else {
            throw Problem(description: "\"\(text)\" does not exist: check month, day, hour, minute and second")
        }
        let local = date.daysSince1970 * 86_400 + written.hour * 3600 + written.minute * 60 + written.second
        guard let offset = written.offset else { return resolve(local: local, near: nil) }
        return Timestamp(seconds: local - (try Self.seconds(ofOffset: offset)))
    }

    /// `2026-11-01T12:00:00+01:00`, or with `Z` in UTC; rounded up as `Timestamp.utcText`.
    func string(_ moment: Timestamp) -> String { moment.text(offset: offset) }

    /// `2026-11-01T12:00:00.123+01:00`, or with `Z` in UTC.
    func millisecond(_ moment: Timestamp) -> String {
        var text: [UInt8] = []
        text.append(moment, on: self)
        return String(decoding: text, as: UTF8.self)
    }

    /// `2026-11-01 12:00` in the zone, for tables.
    func minute(_ moment: Timestamp) -> String {
        let style = Date.ISO8601FormatStyle(dateTimeSeparator: .space, timeZone: zone).year().month().day().time(
            includingFractionalSeconds: false)
        return String(Date(timeIntervalSince1970: Double(moment.seconds)).formatted(style).prefix(16))
    }

    private static func seconds(ofOffset offset: Substring) throws(Problem) -> Int64 {
        guard offset != "Z" else { return 0 }
        let parts = offset.dropFirst().split(separator: ":").compactMap { Int64($0) }
        guard parts.count == 2, parts[0] <= 18, parts[1] < 60 else {
            throw Problem(description: "\"\(offset)\" is not an offset from UTC: write it as +01:00, at most 18 hours")
        }
        return (parts[0] * 3600 + parts[1] * 60) * (offset.first == "-" ? -1 : 1)
    }

    /// Seconds east of UTC at `second` since 1970.
    func offset(at second: Int64) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second))))
    }

    /// The moment at which the clocks of the zone show `local`, in seconds. Of two such moments the one with the offset of
    /// `moment`, else the first.
    private func resolve(local: Int64, near moment: Timestamp?) -> Timestamp {
        // No zone changes its offset twice within two days; every offset is below a day.
        let before = offset(at: local - 86_400)
        let after = offset(at: local + 86_400)
        let candidates = (moment.map { [offset(at: $0.seconds)] } ?? []) + [before, after]
        let chosen = candidates.first { offset(at: local - $0) == $0 } ?? before
        return Timestamp(seconds: local - chosen)
    }
}

extension Configuration {
    /// Times as `time_zone` says.
    var timeText: TimeText { TimeText(zone: timeZone) }
}
