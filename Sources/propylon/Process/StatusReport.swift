import Foundation

/// The state of a gateway, in the JSON of `/admin/v1/status`.
struct StatusReport: Codable, Equatable {
    var version: String
    var uptimeSeconds: Int
    /// URLs of the public listeners.
    var listening: [String]
    var upstream: String
    /// Open connections of clients.
    var connections: Int
    /// Rows of the ledger that are not on the disk yet.
    var pendingRows: Int
    var ready: Bool
    /// Reasons why the gateway cannot serve; empty if it is ready.
    var reasons: [String]
    /// Faults that do not stop the gateway. Nil in the report of a gateway before this member.
    var warnings: [String]?

    enum CodingKeys: String, CodingKey {
        case version, listening, upstream, connections, ready, reasons, warnings
        case uptimeSeconds = "uptime_seconds"
        case pendingRows = "pending_rows"
    }

    var json: [UInt8] { ReportJSON.encode(self) }

    /// The report for people, a line for each fact.
    var text: String {
        var facts = [
            ("version", version), ("uptime", "\(uptimeSeconds) s"), ("listening", listening.joined(separator: ", ")),
            ("upstream", upstream), ("connections", String(connections)),
            ("ledger", "\(pendingRows) rows not on the disk yet"),
            ("ready", ready ? "yes" : "no: " + reasons.joined(separator: "; ")),
        ]
        for warning in warnings ?? [] { facts.append(("warning", warning)) }
        return facts.map { name, value in
            name + String(repeating: " ", count: 13 - name.count) + value + "\n"
        }.joined()
    }
}

/// JSON of reports: sorted members, two spaces a level.
enum ReportJSON {
    static func encode(_ report: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        // Reports hold texts and whole numbers alone, which are never refused.
        return (try? encoder.encode(report)).map { Array($0) } ?? []
    }
}
