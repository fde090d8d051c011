import Bytes
import Clocks
import Glibc
import Logging
import Settings
import Synchronization

/// The least severe level that is written. All loggers share it, so that a reload changes it.
final class LogThreshold: Sendable {
    private let current: Mutex<Logger.Level>

    init(_ level: Configuration.LogLevel) { current = Mutex(Self.level(level)) }

    /// The level now.
    var level: Logger.Level { current.withLock { $0 } }

    /// Writes messages from `level` on.
    func use(_ level: Configuration.LogLevel) { current.withLock { $0 = Self.level(level) } }

    private static func level(_ level: Configuration.LogLevel) -> Logger.Level {
        Logger.Level(rawValue: level.rawValue) ?? .info
    }
}

/// Writes messages to standard error, one line each, as text or JSON. No message contains a prompt, a response or a key.
struct LineLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    private let threshold: LogThreshold
    /// The level that one logger alone has been given.
    private var ownLevel: Logger.Level?
    private let format: Configuration.LogFormat
    private let time: any TimeSource

    init(_ threshold: LogThreshold, format: Configuration.LogFormat?, time: any TimeSource = .system) {
        self.time = time
        self.threshold = threshold
        self.format = .chosen(format)
    }

    var logLevel: Logger.Level {
        get { ownLevel ?? threshold.level }
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
        var date: [UInt8] = []
        date.appendUTC(time.now)
        let text = String(decoding: date, as: UTF8.self)
        return switch format {
        case .text: Self.text(text, event.level, event.message, metadata)
        case .json: Self.json(text, event.level, event.message, metadata)
        }
    }

    private static func text(
        _ date: String, _ level: Logger.Level, _ message: Logger.Message, _ metadata: Logger.Metadata
    ) -> String {
        let details = metadata.sorted { $0.key < $1.key }.map { " \($0.key)=\(value("\($0.value)"))" }.joined()
        return "\(date) \(level.rawValue) \(message)\(details)"
    }

    /// A value of the metadata, quoted where its end could not be told. The only place that quotes: callers pass plain values.
    private static func value(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { 0x21...0x7E ~= $0 && $0 != ASCII.quote && $0 != UInt8(ascii: "=") }
        return isPlain && !text.isEmpty ? text : JSONString.quoted(text)
    }

    private static func json(
        _ date: String, _ level: Logger.Level, _ message: Logger.Message, _ metadata: Logger.Metadata
    ) -> String {
        var members = metadata.mapValues { "\($0)" }
        members["time"] = date
        members["level"] = level.rawValue
        members["message"] = "\(message)"
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
