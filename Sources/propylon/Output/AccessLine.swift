import Bytes
import Clocks
import Gateway
import OpenAIAPI
import Policy
import Settings

/// How the access log writes a request: one line, of ASCII without control characters, whatever callers send.
///
/// Written on the loops, so by appending bytes, without formatters.
struct AccessLine {
    private var bytes: [UInt8]
    private var isFirst = true

    /// Appends the line of `entry` to `output`.
    static func append(_ entry: borrowing AccessEntry, as format: Configuration.LogFormat, to output: inout [UInt8]) {
        var line = AccessLine(bytes: output)
        output = []
        switch format {
        case .json: line.json(entry)
        case .text: line.text(entry)
        }
        line.bytes.append(UInt8(ascii: "\n"))
        output = line.bytes
    }

    private init(bytes: consuming [UInt8]) { self.bytes = bytes }

    // MARK: JSON

    private mutating func json(_ entry: borrowing AccessEntry) {
        bytes.append(UInt8(ascii: "{"))
        name("time")
        bytes.append(UInt8(ascii: "\""))
        time(entry.startedAt)
        bytes.append(UInt8(ascii: "\""))
        member("type", "access")
        name("request_id")
        bytes.append(UInt8(ascii: "\""))
        entry.id.write(to: &bytes)
        bytes.append(UInt8(ascii: "\""))
        member("method", entry.method)
        member("path", entry.path)
        member("status", Int64(entry.status))
        name("duration_ms")
        milliseconds(entry.duration)
        if let record = entry.record { members(of: record) }
        bytes.append(UInt8(ascii: "}"))
    }

    private mutating func members(of record: UsageRecord) {
        member("key", record.keyID)
        member("team", record.team)
        member("user", record.user)
        if !record.tags.isEmpty {
            name("tags")
            bytes.append(UInt8(ascii: "["))
            for (index, tag) in record.tags.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                quoted(tag)
            }
            bytes.append(UInt8(ascii: "]"))
        }
        if !record.endpoint.isEmpty { member("endpoint", record.endpoint) }
        member("model", record.modelServed)
        if record.modelAsked != record.modelServed { member("model_asked", record.modelAsked) }
        member("ending", record.ending.rawValue)
        if record.streamed {
            name("streamed")
            append("true")
        }
        if let firstByteAt = record.firstByteAt {
            name("first_byte_ms")
            milliseconds(max(.zero, firstByteAt - record.startedAt))
        }
        member("request_bytes", record.requestBytes)
        member("response_bytes", record.responseBytes)
        if record.units != BillableUnits() {
            Self.forEachUnit(record.units) { name, count in member(name, count) }
            member("exactness", record.exactness.rawValue)
        }
        if record.cost > .zero { member("cost_eur", record.cost.decimal) }
        member("upstream_id", record.upstreamID)
        // A JSON object in ASCII, as the gateway made it of the upstream's.
        if let backend = record.backend {
            name("backend")
            if backend.hasPrefix("{") { append(backend) } else { quoted(backend) }
        }
    }

    // MARK: Text

    private mutating func text(_ entry: borrowing AccessEntry) {
        time(entry.startedAt)
        append(" ")
        append(String(entry.status))
        append(" ")
        printable(entry.method)
        append(" ")
        printable(entry.path)
        append(" ")
        milliseconds(entry.duration)
        append("ms")
        if let record = entry.record {
            fact("key", record.keyID)
            fact("team", record.team)
            fact("user", record.user)
            fact("model", record.modelServed)
            if record.ending != .complete { fact("ending", record.ending.rawValue) }
            if record.units != BillableUnits() {
                Self.forEachUnit(record.units) { name, count in fact(name, String(count)) }
                if record.exactness != .exact { fact("exactness", record.exactness.rawValue) }
            }
            if record.cost > .zero { fact("cost_eur", record.cost.decimal) }
        }
        append(" id=")
        entry.id.write(to: &bytes)
    }

    private mutating func fact(_ name: String, _ value: String?) {
        guard let value else { return }
        append(" ")
        append(name)
        append("=")
        let isPlain = value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") }
        if isPlain, !value.isEmpty { append(value) } else { quoted(value) }
    }

    private mutating func printable(_ text: String) {
        for byte in text.utf8 { bytes.append(byte > 0x20 && byte < 0x7F ? byte : UInt8(ascii: "?")) }
    }

    // MARK: Parts

    private static func forEachUnit(_ units: BillableUnits, _ body: (String, Int64) -> Void) {
        let counts: [(String, Int64)] = [
            ("prompt_tokens", units.inputTokens), ("completion_tokens", units.outputTokens),
            ("reasoning_tokens", units.reasoningTokens), ("cached_tokens", units.cachedTokens),
        ]
        for (name, count) in counts + units.others where count != 0 { body(name, count) }
    }

    private mutating func name(_ name: String) {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
        bytes.append(UInt8(ascii: "\""))
        append(name)
        append("\":")
    }

    private mutating func member(_ name: String, _ value: String?) {
        guard let value else { return }
        self.name(name)
        quoted(value)
    }

    private mutating func member(_ name: String, _ value: Int64) {
        self.name(name)
        append(String(value))
    }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// `text` as a JSON string in ASCII.
    private mutating func quoted(_ text: String) {
        let isPlain = text.utf8.allSatisfy {
            $0 >= 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
        }
        if isPlain {
            bytes.append(UInt8(ascii: "\""))
            append(text)
            bytes.append(UInt8(ascii: "\""))
        } else {
            append(JSONString.quoted(text))
        }
    }

    /// `2026-11-23T10:00:00.123Z`
    private mutating func time(_ moment: Timestamp) {
        let day = moment.seconds.flooredQuotient(by: 86_400)
        let date = CivilDate(daysSince1970: day)
        let second = moment.seconds - day * 86_400
        digits(date.year, 4)
        bytes.append(UInt8(ascii: "-"))
        digits(date.month, 2)
        bytes.append(UInt8(ascii: "-"))
        digits(date.day, 2)
        bytes.append(UInt8(ascii: "T"))
        digits(second / 3600, 2)
        bytes.append(UInt8(ascii: ":"))
        digits(second / 60 % 60, 2)
        bytes.append(UInt8(ascii: ":"))
        digits(second % 60, 2)
        bytes.append(UInt8(ascii: "."))
        digits((moment.microseconds - moment.seconds * 1_000_000) / 1000, 3)
        bytes.append(UInt8(ascii: "Z"))
    }

    /// With three places: microseconds.
    private mutating func milliseconds(_ duration: Duration) {
        let microseconds = duration.components.seconds * 1_000_000 + duration.components.attoseconds / 1_000_000_000_000
        append(String(microseconds / 1000))
        bytes.append(UInt8(ascii: "."))
        digits(microseconds % 1000, 3)
    }

    private mutating func digits(_ number: Int64, _ count: Int) {
        var divisor: Int64 = 1
        for _ in 1..<count { divisor *= 10 }
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }
}
