import Bytes
import Clocks
import Policy

/// Mail about an alert (RFC 5322). No part of an alert can add a line to its head.
struct MailMessage {
    let from: String
    let to: [String]
    let alert: AlertMessage

    /// The message with the line ends of the system, as `sendmail` takes it.
    var bytes: [UInt8] {
        let domain = from.split(separator: "@").last ?? "localhost"
        let lines =
            [
                "From: \(from)", "To: \(to.joined(separator: ",\n "))",
                "Subject: \(Self.encoded("[Propylon] \(alert.title)"))", "Date: \(Self.date(alert.at))",
                // The same for each attempt, so that a repeated one is seen to be one.
                "Message-ID: <\(alert.id)@\(domain)>", "Auto-Submitted: auto-generated", "MIME-Version: 1.0",
                "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64", "",
            ] + Self.base64Lines(text)
        return Array((lines.joined(separator: "\n") + "\n").utf8)
    }

    private var text: String {
        let facts = alert.data.map { ($0.name, $0.value.plain) }.filter { !$0.1.isEmpty }
        return ([alert.title, ""] + facts.map { "\($0): \($1)" }).joined(separator: "\n") + "\n"
    }

    private static func base64Lines(_ text: String) -> [String] {
        let bytes = Array(text.utf8)
        // 57 bytes make 76 characters (RFC 2045, section 6.8).
        return stride(from: 0, to: bytes.count, by: 57).map { start in
            base64(bytes[start..<min(start + 57, bytes.count)])
        }
    }

    private static func base64(_ bytes: some Sequence<UInt8>) -> String {
        String(decoding: Base64.encoded(Array(bytes)), as: UTF8.self)
    }

    /// `text` as it is, or as encoded words where it is not printable ASCII (RFC 2047, section 2). 39 bytes make a word of 64
    /// characters, which also fits the first line of 76.
    private static func encoded(_ text: String) -> String {
        guard text.utf8.contains(where: { !(0x20...0x7E).contains($0) }) else { return text }
        var words: [[UInt8]] = [[]]
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if words[words.count - 1].count + bytes.count > 39 { words.append([]) }
            words[words.count - 1] += bytes
        }
        return words.map { "=?utf-8?B?\(base64($0))?=" }.joined(separator: "\n ")
    }

    /// As `Sat, 28 Nov 2026 01:39:24 +0000` (RFC 5322, section 3.3).
    private static func date(_ moment: Timestamp) -> String {
        let day = moment.seconds.flooredQuotient(by: 86_400)
        let date = CivilDate(daysSince1970: day)
        let second = moment.seconds - day * 86_400
        // 1970 began on a Thursday.
        let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][Int(day - day.flooredQuotient(by: 7) * 7)]
        let clock = [second / 3600, second / 60 % 60, second % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
        return "\(weekday), \(date.day) \(Timestamp.monthNames[Int(date.month) - 1]) \(date.year) "
            + "\(clock.joined(separator: ":")) +0000"
    }
}
