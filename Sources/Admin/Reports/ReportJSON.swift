import Foundation

/// JSON of the admin listener and of commands, with sorted members.
enum ReportJSON {
    /// The bytes of `value`, indented unless they are `onOneLine`.
    static func bytes(_ value: some Encodable, onOneLine: Bool = false) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if !onOneLine { encoder.outputFormatting.insert(.prettyPrinted) }
        // Encoding fails for numbers that are not finite; reports have none.
        return (try? encoder.encode(value)).map { Array($0) } ?? []
    }
}

extension StatusReport {
    /// The report as JSON.
    package var json: [UInt8] { ReportJSON.bytes(self) }
}

extension LimitsReport {
    /// The report as JSON.
    package var json: [UInt8] { ReportJSON.bytes(self) }
}

extension EventsReport {
    /// The report as JSON.
    package var json: [UInt8] { ReportJSON.bytes(self) }
}

extension EventsReport.Entry {
    /// The event as JSON on one line.
    package var line: [UInt8] { ReportJSON.bytes(self, onOneLine: true) }
}
