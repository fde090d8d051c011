import Bytes
import Clocks

extension Timestamp {
    /// As `2026-11-23T11:00:00Z`, rounded up to the second, so that a client that waits for it does not come too early.
    package var utcText: String {
        let second = microseconds.ceilingQuotient(by: 1_000_000)
        let day = second.flooredQuotient(by: 86_400)
        let time = second - day * 86_400
        func padded(_ number: Int64, _ width: Int) -> String { String(padding: number, toDigits: width) }
        return "\(CivilDate(daysSince1970: day))T"
            + "\(padded(time / 3600, 2)):\(padded(time / 60 % 60, 2)):\(padded(time % 60, 2))Z"
    }
}
