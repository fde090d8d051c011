import Bytes
import Clocks
import Gateway
import OpenAIAPI
import Policy
import Settings
import Telemetry

/// One request as a line of the access log: ASCII without control characters, whatever clients send.
///
/// Event loops write it, so it appends bytes and uses no formatters.
struct AccessLine {
    private var bytes: [UInt8]

    /// Appends the line of `entry` to `output`. Times of `text` are in the zone of `time`, those of `json` in UTC.
    static func append(
        _ entry: borrowing AccessEntry, as format: Configuration.LogFormat, _ time: TimeText, to output: inout [UInt8]
    ) {
        var line = AccessLine(bytes: output)
        output = []
        switch format {
        case .json: line.json(entry)
        case .text: line.text(entry, time)
        }
        line.bytes.append(ASCII.lineFeed)
        output = line.bytes
    }

    private init(bytes: consuming [UInt8]) { self.bytes = bytes }

    // MARK: JSON

    private mutating func json(_ entry: borrowing AccessEntry) {
        bytes.append(#"{"time":""#)
        bytes.appendUTC(entry.startedAt)
        bytes.append(#"","type":"access","request_id":""#)
        entry.id.write(to: &bytes)
        bytes.append(ASCII.quote)
        if let trace = entry.trace {
            name("trace_id")
            bytes.append(ASCII.quote)
            trace.write(to: &bytes)
            bytes.append(ASCII.quote)
        }
        member("client", entry.client)
        member("method", entry.method)
        member("path", entry.path)
        member("user_agent", entry.userAgent)
        member("status", Int64(entry.status))
        name("duration_ms")
        milliseconds(entry.duration)
        member("response_bytes", entry.responseBytes)
        member("error", entry.error)
        if let failure = entry.failure {
            member("cause", failure.cause.rawValue)
            member("detail", failure.detail)
            member("limit", failure.limit?.description)
        }
        member("key_name", entry.keyName)
        if let record = entry.record { members(of: record) }
        bytes.append(ASCII.closingBrace)
    }

    private mutating func members(of record: UsageRecord) {
        member("key", record.keyID)
        member("team", record.team)
        member("user", record.user)
        if !record.tags.isEmpty {
            name("tags")
            bytes.append(ASCII.openingBracket)
            for (index, tag) in record.tags.enumerated() {
                if index > 0 { bytes.append(ASCII.comma) }
                quoted(tag)
            }
            bytes.append(ASCII.closingBracket)
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
        if record.units != BillableUnits() {
            for unit in Unit.allCases where record.units[unit] != 0 {
                bytes.append(",\"")
                append(unit.member)
                bytes.append("\":")
                bytes.appendDecimal(record.units[unit])
            }
            member("exactness", record.exactness.rawValue)
        }
        if record.cost > .zero { member("cost_eur", record.cost.decimal) }
        member("upstream_id", record.upstreamID)
        // The gateway has made a JSON object in ASCII of the upstream's.
        if let backend = record.backend {
            name("backend")
            if backend.hasPrefix("{") { append(backend) } else { quoted(backend) }
        }
    }

    // MARK: Text

    private mutating func text(_ entry: borrowing AccessEntry, _ time: TimeText) {
        bytes.append(entry.startedAt, on: time)
        append(" ")
        bytes.appendDecimal(entry.status)
        append(" ")
        printable(entry.method)
        append(" ")
        printable(entry.path)
        append(" ")
        milliseconds(entry.duration)
        append("ms")
        fact("client", entry.client)
        fact("error", entry.error)
        if let failure = entry.failure {
            fact("cause", failure.cause.rawValue)
            fact("detail", failure.detail)
            fact("limit", failure.limit?.description)
        }
        fact("key_name", entry.keyName)
        if let record = entry.record {
            fact("key", record.keyID)
            fact("team", record.team)
            fact("user", record.user)
            fact("model", record.modelServed)
            if record.ending != .complete { fact("ending", record.ending.rawValue) }
            if record.units != BillableUnits() {
                for unit in Unit.allCases where record.units[unit] != 0 { fact(unit.member, record.units[unit]) }
                if record.exactness != .exact { fact("exactness", record.exactness.rawValue) }
            }
            if record.cost > .zero { fact("cost_eur", record.cost.decimal) }
        }
        fact("user_agent", entry.userAgent)
        append(" id=")
        entry.id.write(to: &bytes)
        if let trace = entry.trace {
            append(" trace_id=")
            trace.write(to: &bytes)
        }
    }

    private mutating func fact(_ name: String, _ value: Int64) {
        append(" ")
        append(name)
        append("=")
        bytes.appendDecimal(value)
    }

    private mutating func fact(_ name: String, _ value: String?) {
        guard let value else { return }
        append(" ")
        append(name)
        append("=")
        let isPlain = value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != ASCII.quote }
        if isPlain, !value.isEmpty { append(value) } else { quoted(value) }
    }

    private mutating func printable(_ text: String) {
        for byte in text.utf8 { bytes.append(byte > 0x20 && byte < 0x7F ? byte : UInt8(ascii: "?")) }
    }

    // MARK: Parts

    /// Appends the name of a member that is not the first one.
    private mutating func name(_ name: StaticString) {
        bytes.append(",\"")
        bytes.append(name)
        bytes.append("\":")
    }

    private mutating func member(_ name: StaticString, _ value: String?) {
        guard let value else { return }
        self.name(name)
        quoted(value)
    }

    private mutating func member(_ name: StaticString, _ value: Int64) {
        self.name(name)
        bytes.appendDecimal(value)
    }

    private mutating func append(_ text: String) { bytes.append(text.utf8.span) }

    /// Appends `text` as a JSON string in ASCII. Most texts need no escapes and are copied as a whole.
    private mutating func quoted(_ text: String) {
        if !appendPlain(text.utf8.span) { JSONString.append(text, to: &bytes) }
    }

    /// Appends `text` in quotes, if nothing in it is to be escaped. Returns false if something is.
    private mutating func appendPlain(_ text: Span<UInt8>) -> Bool {
        for index in text.indices {
            let byte = text[index]
            guard byte >= 0x20, byte < 0x7F, byte != ASCII.quote, byte != ASCII.backslash else { return false }
        }
        bytes.append(ASCII.quote)
        bytes.append(text)
        bytes.append(ASCII.quote)
        return true
    }

    /// Appends `duration` in milliseconds, to the microsecond.
    private mutating func milliseconds(_ duration: Duration) {
        let microseconds = duration.components.seconds.multipliedSaturated(by: 1_000_000)
            .addingSaturated(duration.components.attoseconds / 1_000_000_000_000)
        bytes.appendDecimal(microseconds / 1000)
        bytes.append(ASCII.point)
        bytes.appendDecimal(microseconds % 1000, digits: 3)
    }
}
