import Foundation

/// JSON of the admin listener: indented, with sorted members.
enum ReportJSON {
    /// The bytes of `value`.
    static func bytes(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
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
