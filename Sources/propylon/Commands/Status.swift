import Admin
import ArgumentParser
import Foundation

/// `propylon status`
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Asks a running gateway how it is. Exits with 1 where it does not answer or cannot serve.")

    @OptionGroup var option: ConfigurationOption

    @Flag(help: "Prints JSON.")
    var json = false

    func run() async throws {
        let configuration = try option.load()
        let admin = AdminCall(configuration)
        guard let page = try await admin.page("/admin/v1/status") else {
            throw Failure("no gateway answers on \(admin.address)")
        }
        let report = try JSONDecoder().decode(StatusReport.self, from: Data(page))
        if json {
            print(String(decoding: report.json, as: UTF8.self))
        } else {
            print("version      \(report.version)")
            print("uptime       \(report.uptimeSeconds) s")
            print("listening    \(report.listening.joined(separator: ", "))")
            print("upstream     \(report.upstream)")
            print("connections  \(report.connections)")
            print("ledger       \(report.pendingRows) rows not on the disk yet")
            print("ready        \(report.ready ? "yes" : "no: " + report.reasons.joined(separator: "; "))")
        }
        if !report.ready { throw ExitCode(1) }
    }
}
