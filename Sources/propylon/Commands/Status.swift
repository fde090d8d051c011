import Admin
import ArgumentParser
import Foundation

/// `propylon status`
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the state of the running gateway. Exit status 1 if none answers or it cannot serve.")

    @OptionGroup var option: ConfigurationOption

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let configuration = try option.load(for: .gateway)
        let page = try await AdminCall(configuration).runningPage("/admin/v1/status")
        let report = try JSONDecoder().decode(StatusReport.self, from: Data(page))
        if json {
            print(String(decoding: report.json, as: UTF8.self))
        } else {
            print(try report.text(configuration.timeText), terminator: "")
        }
        if !report.ready { throw ExitCode(ExitStatus.failed.rawValue) }
    }
}
