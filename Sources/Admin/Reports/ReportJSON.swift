import Foundation

/// Reports as JSON for pages and commands: indented, with sorted members.
private func encoded(_ report: some Encodable, onOneLine: Bool = false) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if !onOneLine { encoder.outputFormatting.insert(.prettyPrinted) }
    // Encoding fails for numbers that are not finite; reports have none.
    return (try? encoder.encode(report)).map { Array($0) } ?? []
}

extension StatusReport {
    /// The report as JSON.
    package var json: [UInt8] { encoded(self) }
}

extension LimitsReport {
    /// The report as JSON.
    package var json: [UInt8] { encoded(self) }
}

extension EventsReport {
    /// The report as JSON.
    package var json: [UInt8] { encoded(self) }
}

extension EventsReport.Entry {
    /// The event as JSON on one line.
    package var line: [UInt8] { encoded(self, onOneLine: true) }
}
