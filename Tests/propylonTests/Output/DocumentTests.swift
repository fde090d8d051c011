import ArgumentParser
import Foundation
import Metrics
import Policy
import Settings
import Store
import Testing

@testable import propylon

/// The pages of `config/` that describe the program.
@Suite struct DocumentTests {
    private static var folder: URL {
        let file = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        let root = (0..<4).reduce(file) { url, _ in url.deletingLastPathComponent() }
        return root.appendingPathComponent("config")
    }

    private func page(_ name: String) throws -> String {
        try String(contentsOf: Self.folder.appendingPathComponent(name), encoding: .utf8)
    }

    /// All metrics of a gateway.
    private func declarations() async throws -> [MetricDeclaration] {
        let folder = try TemporaryFolder()
        let process = try GatewayProcess(configuration(in: folder), sandbox: true, log: LogRecorder().logger)
        let declarations = process.registry.declarations
        await process.drain(timeout: .seconds(5))
        return declarations
    }

    /// Writes the page anew with `PROPYLON_WRITE_REFERENCE=1 swift test --filter DocumentTests`.
    @Test func metricsPageIsUpToDate() async throws {
        var text = """
            # Metrics

            All metrics of `GET /metrics` on the admin listener, in the text format of Prometheus. A histogram `NAME` has the
            series `NAME_bucket`, `NAME_sum` and `NAME_count`. The label values of each metric are bounded: beyond the bound they
            are `other`.

            <!-- Generated from the registered metrics; see DocumentTests. -->

            | name | kind | labels | meaning |
            |---|---|---|---|

            """
        for metric in try await declarations().sorted(by: { $0.name < $1.name }) {
            let labels = metric.labels.map { "`\($0)`" }.joined(separator: ", ")
            text += "| `\(metric.name)` | \(metric.kind.rawValue) | \(labels) | \(metric.help) |\n"
        }
        if ProcessInfo.processInfo.environment["PROPYLON_WRITE_REFERENCE"] != nil {
            try Data(text.utf8).write(to: Self.folder.appendingPathComponent("metrics.md"))
        } else {
            let isCurrent = try page("metrics.md") == text
            #expect(isCurrent, "config/metrics.md is out of date: PROPYLON_WRITE_REFERENCE=1 writes it anew")
        }
    }

    /// Written anew as the page of the metrics.
    @Test func eventsPageIsUpToDate() throws {
        let mark = "<!-- Generated from the tables of the program; see DocumentTests. -->\n"
        let current = try page("events.md")
        let written = try #require(current.range(of: mark)).upperBound
        var text = "\n## Kinds of events\n\n| kind | weight | meaning |\n|---|---|---|\n"
        for kind in EventKind.allCases { text += "| `\(kind.rawValue)` | \(kind.severity) | \(kind.summary) |\n" }
        text += "\n## Examples of alerts\n\nThe body of a webhook's request, by kind.\n"
        for kind in EventKind.allCases {
            let alert = AlertMessage(kind.example, from: try .test())
            text += "\n```json\n\(alert.json.text)\n```\n"
        }
        text += "\n## Causes\n\n| cause | at fault | meaning |\n|---|---|---|\n"
        for cause in Cause.allCases { text += "| `\(cause.rawValue)` | \(cause.side) | \(cause.meaning) |\n" }
        if ProcessInfo.processInfo.environment["PROPYLON_WRITE_REFERENCE"] != nil {
            try Data((current[..<written] + text).utf8).write(to: Self.folder.appendingPathComponent("events.md"))
        } else {
            #expect(
                current[written...] == text[...],
                "config/events.md is out of date: PROPYLON_WRITE_REFERENCE=1 writes it anew")
        }
    }

    @Test func everyMetricHasAHelpText() async throws {
        for metric in try await declarations() {
            #expect(metric.name.hasPrefix("propylon_"))
            #expect(metric.help.hasSuffix("."), "\(metric.name)")
        }
    }

    @Test func everyCommandIsDescribed() throws {
        let text = try page("http.md")
        for command in Propylon.configuration.subcommands {
            #expect(text.contains("`propylon \(command._commandName)"))
            for inner in command.configuration.subcommands where inner._commandName != "show" {
                #expect(text.contains("\(command._commandName) \(inner._commandName)"))
            }
        }
    }

    @Test(arguments: UsageGrouping.allCases) func everyGroupingIsDescribed(grouping: UsageGrouping) throws {
        #expect(try page("http.md").contains("`\(grouping.rawValue)`"))
    }

    @Test func everyColumnOfRowsIsDescribed() throws {
        let text = try page("http.md")
        for column in RowColumn.all {
            #expect(text.contains("`\(column.name)`"), "\(column.name)")
            let isUnit = Unit.allCases.contains { $0.member == column.name }
            #expect(isUnit || text.contains("| `\(column.name)` | \(column.meaning) |"), "\(column.name)")
        }
    }

    @Test(arguments: UsageColumn.all.map(\.name)) func everyColumnIsDescribed(name: String) throws {
        #expect(try page("http.md").contains("`\(name)`"))
    }

    @Test func theExampleFileSaysWhatTheReferenceSays() throws {
        let example = try page("propylon.yaml")
        #expect(example.contains("config/README.md"))
        #expect(!example.contains("dashboard"))
    }
}
