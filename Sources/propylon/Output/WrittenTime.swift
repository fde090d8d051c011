import Bytes

/// The parts of a time as it is written: a date, or a date and a time of day, with or without an offset from UTC (RFC 3339,
/// where seconds and offset may be absent).
struct WrittenTime {
    let year, month, day: Int64
    private(set) var hour: Int64 = 0
    private(set) var minute: Int64 = 0
    private(set) var second: Int64 = 0
    /// `Z` or an offset such as `+01:00`; nil where none is written.
    private(set) var offset: Substring?

    /// The parts of `text`, with any two digits for each but the year; nil where it has another form.
    init?(_ text: String) {
        var rest = text.utf8[...]
        guard let year = Self.number(of: 4, &rest), Self.take("-", &rest), let month = Self.number(of: 2, &rest),
            Self.take("-", &rest), let day = Self.number(of: 2, &rest)
        else { return nil }
        (self.year, self.month, self.day) = (year, month, day)
        if rest.isEmpty { return }
        guard Self.take("T", &rest) || Self.take(" ", &rest), let hour = Self.number(of: 2, &rest),
            Self.take(":", &rest), let minute = Self.number(of: 2, &rest)
        else { return nil }
        (self.hour, self.minute) = (hour, minute)
        if Self.take(":", &rest) {
            guard let second = Self.number(of: 2, &rest) else { return nil }
            self.second = second
        }
        if rest.isEmpty { return }
        offset = Substring(rest)
        if !Self.take("Z", &rest) {
            guard Self.take("+", &rest) || Self.take("-", &rest), Self.number(of: 2, &rest) != nil,
                Self.take(":", &rest), Self.number(of: 2, &rest) != nil
            else { return nil }
        }
        guard rest.isEmpty else { return nil }
    }

    private static func take(_ character: Unicode.Scalar, _ rest: inout Substring.UTF8View) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    private static func number(of digits: Int, _ rest: inout Substring.UTF8View) -> Int64? {
        let text = rest.prefix(digits)
        guard text.count == digits, text.allSatisfy(ASCII.isDigit) else { return nil }
        rest.removeFirst(digits)
        return Int64(Substring(text))
    }
}
