import Bytes
import Clocks

extension Timestamp {
    /// As `2026-11-23T11:00:00Z`, rounded up to the second, so that a client that waits for it does not come too early.
    package var utcText: String { text { _ in 0 } }

    /// As `2026-11-23T12:00:00+01:00`, on the clocks of `zone`; rounded up as `utcText`.
    package func text(in zone: ZoneOffsets) -> String { text(offset: zone.offset) }

    /// The same on clocks that are, at a second since 1970, `offset` seconds east of UTC.
    package func text(offset: (_ second: Int64) -> Int64) -> String {
        let rounded = microseconds.ceilingQuotient(by: 1_000_000)
        let minutes = offset(rounded) / 60
        let second = rounded.addingSaturated(minutes.multipliedSaturated(by: 60))
        let day = second.flooredQuotient(by: 86_400)
        let time = second - day * 86_400
        func padded(_ number: Int64, _ width: Int) -> String { String(padding: number, toDigits: width) }
        let offset =
            minutes == 0
            ? "Z" : "\(minutes < 0 ? "-" : "+")\(padded(abs(minutes) / 60, 2)):\(padded(abs(minutes) % 60, 2))"
        return "\(CivilDate(daysSince1970: day))T"
            + "\(padded(time / 3600, 2)):\(padded(time / 60 % 60, 2)):\(padded(time % 60, 2))" + offset
    }
}
