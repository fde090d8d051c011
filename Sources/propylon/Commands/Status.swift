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
        let admin = AdminCall(configuration)
        guard let page = try await admin.page("/admin/v1/status") else {
            throw Failure(
                "no gateway answers on \(admin.address): start one with propylon serve, or check admin.listen")
        }
        let report = try JSONDecoder().decode(StatusReport.self, from: Data(page))
        if json {
            print(String(decoding: report.json, as: UTF8.self))
        } else {
            print(try report.text(TimeText(zone: configuration.timeZone)), terminator: "")
        }
        if !report.ready { throw ExitCode(ExitStatus.failed.rawValue) }
    }
}
