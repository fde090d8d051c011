import Bytes
import Clocks
import Glibc
import Logging
import Settings
import Synchronization

/// The parts of a configuration that lines of the log follow. All loggers share them, so that a reload changes them.
final class LogRules: Sendable {
    private struct Current {
        let level: Logger.Level
        let time: TimeText

        init(_ configuration: Configuration) {
            level = Logger.Level(rawValue: configuration.log.level.rawValue) ?? .info
            time = configuration.timeText
        }
    }

    private let current: Mutex<Current>

    init(_ configuration: Configuration) { current = Mutex(Current(configuration)) }

    /// The least severe level that is written now.
    var level: Logger.Level { current.withLock { $0.level } }

    /// The clocks that lines for people are of now.
    var time: TimeText { current.withLock { $0.time } }

    /// Follows `configuration` from now on.
    func use(_ configuration: Configuration) { current.withLock { $0 = Current(configuration) } }
}

/// A moment in the metadata of a message: in lines for people in the configured zone, else in UTC.
private struct LoggedMoment: CustomStringConvertible, Sendable {
    let moment: Timestamp

    var description: String { moment.utcText }
}

extension Logger.MetadataValue {
    /// `moment`, to the second.
    static func moment(_ moment: Timestamp) -> Self { .stringConvertible(LoggedMoment(moment: moment)) }
}

/// Writes messages to standard error, one line each, as text or JSON. Times are in the configured zone in text, which people
/// read, and in UTC in JSON. No message contains a prompt, a response or a key.
struct LineLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    private let rules: LogRules
    /// The level that one logger alone has been given.
    private var ownLevel: Logger.Level?
    private let format: Configuration.LogFormat
    private let time: any TimeSource

    init(_ rules: LogRules, format: Configuration.LogFormat?, time: any TimeSource = .system) {
        self.time = time
        self.rules = rules
        self.format = .chosen(format)
    }

    var logLevel: Logger.Level {
        get { ownLevel ?? rules.level }
        set { ownLevel = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        writeLine(line(event), to: STDERR_FILENO)
    }

    /// The line of `event`, without its end.
    func line(_ event: LogEvent) -> String {
        let metadata = metadata.merging(event.metadata ?? [:]) { $1 }
        return switch format {
        case .text: Self.text(time.now, rules.time, event, metadata)
        case .json: Self.json(time.now, event, metadata)
        }
    }

    private static func text(
        _ now: Timestamp, _ time: TimeText, _ event: LogEvent, _ metadata: Logger.Metadata
    ) -> String {
        let details = metadata.sorted { $0.key < $1.key }.map { " \($0.key)=\(value(text($0.value, time)))" }.joined()
        return "\(time.millisecond(now)) \(event.level.rawValue) \(event.message)\(details)"
    }

    private static func text(_ value: Logger.MetadataValue, _ time: TimeText) -> String {
        guard case .stringConvertible(let convertible) = value, let logged = convertible as? LoggedMoment else {
            return "\(value)"
        }
        return time.string(logged.moment)
    }

    /// A value of the metadata, quoted where its end could not be told. The only place that quotes: callers pass plain values.
    private static func value(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { 0x21...0x7E ~= $0 && $0 != ASCII.quote && $0 != UInt8(ascii: "=") }
        return isPlain && !text.isEmpty ? text : JSONString.quoted(text)
    }

    private static func json(_ now: Timestamp, _ event: LogEvent, _ metadata: Logger.Metadata) -> String {
        var members = metadata.mapValues { "\($0)" }
        members["time"] = TimeText.utc.millisecond(now)
        members["level"] = event.level.rawValue
        members["message"] = "\(event.message)"
        var line = [ASCII.openingBrace]
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            if line.count > 1 { line.append(ASCII.comma) }
            JSONString.append(name, to: &line)
            line.append(ASCII.colon)
            JSONString.append(value, to: &line)
        }
        return String(decoding: line, as: UTF8.self) + "}"
    }
}

extension Configuration.LogFormat {
    /// The configured format, else text on a terminal and JSON elsewhere.
    static func chosen(_ configured: Self?) -> Self { configured ?? (isatty(STDERR_FILENO) == 1 ? .text : .json) }
}
