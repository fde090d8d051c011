import Foundation
import Glibc
import Logging
import Settings
import Synchronization

/// Writes the log to standard error, one line an event, as text or as JSON. What is logged is chosen by the callers: never a
/// prompt, an answer or a key.
struct LineLogHandler: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    private let format: Configuration.LogFormat

    init(level: Configuration.LogLevel, format: Configuration.LogFormat?) {
        logLevel = Logger.Level(rawValue: level.rawValue) ?? .info
        self.format = .chosen(format)
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let metadata = metadata.merging(event.metadata ?? [:]) { $1 }
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let date = Date(timeIntervalSince1970: Double(time.tv_sec) + Double(time.tv_nsec / 1_000_000) / 1000)
            .formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        let line =
            switch format {
            case .text: Self.text(date, event.level, event.message, metadata)
            case .json: Self.json(date, event.level, event.message, metadata)
            }
        // One write, so that lines of several threads and processes do not mix.
        _ = Array(line.utf8).withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    private static func text(
        _ date: String, _ level: Logger.Level, _ message: Logger.Message, _ metadata: Logger.Metadata
    ) -> String {
        let details = metadata.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        return "\(date) \(level.rawValue) \(message)\(details)\n"
    }

    private static func json(
        _ date: String, _ level: Logger.Level, _ message: Logger.Message, _ metadata: Logger.Metadata
    ) -> String {
        var members = ["time": date, "level": level.rawValue, "message": "\(message)"]
        for (key, value) in metadata { members[key] = "\(value)" }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let line = (try? encoder.encode(members)).map { String(decoding: $0, as: UTF8.self) } ?? #"{"level":"error"}"#
        return line + "\n"
    }
}

extension Configuration.LogFormat {
    /// What is configured, else text on a terminal and JSON elsewhere.
    static func chosen(_ configured: Self?) -> Self { configured ?? (isatty(STDERR_FILENO) == 1 ? .text : .json) }
}
