import ArgumentParser
import EventLoop
import Foundation
import HTTP1
import HTTPClient
import Settings

/// `propylon status`
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Asks a running gateway how it is. Exits with 1 where it does not answer or cannot serve.")

    @OptionGroup var option: ConfigurationOption

    @Flag(help: "Prints JSON.")
    var json = false

    func run() async throws {
        let configuration = try option.load()
        let report = try await Self.ask(configuration.admin)
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

    private static func ask(_ admin: Configuration.Admin) async throws -> StatusReport {
        let host = admin.listen.host == "localhost" || admin.listen.host == "0.0.0.0" ? "127.0.0.1" : admin.listen.host
        guard let port = UInt16(exactly: admin.listen.port) else {
            throw Failure("the port of admin.listen is no port")
        }
        let authorization = admin.token.map { "authorization: Bearer \($0.reveal())\r\n" } ?? ""
        let head = Array(
            "GET /admin/v1/status HTTP/1.1\r\nhost: \(admin.listen.text)\r\n\(authorization)connection: close\r\n\r\n"
                .utf8)
        let loop = try EventLoop(name: "propylon.status")
        let (status, body) = try await Task(executorPreference: loop) {
            let client = HTTPClient(
                Origin(host: host, port: port, isSecure: false), context: nil, limits: ClientLimits(), on: loop)
            defer { client.close() }
            do throws(ClientError) {
                let answer = try await client.send(ClientRequest(head: head, body: .none, isIdempotent: true))
                defer { answer.end() }
                var body: [UInt8] = []
                while try await answer.readBody(
                    watching: nil, { piece in piece.withUnsafeBufferPointer { body.append(contentsOf: $0) } })
                    != .end
                {}
                return (answer.head.status, body)
            } catch {
                throw Failure("no gateway answers on \(admin.listen.text): \(error)")
            }
        }.value
        guard status == 200 else {
            throw Failure(
                "the gateway on \(admin.listen.text) answers \(status): \(String(decoding: body, as: UTF8.self))")
        }
        return try JSONDecoder().decode(StatusReport.self, from: Data(body))
    }
}
