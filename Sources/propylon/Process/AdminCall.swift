import Foundation
import HTTPClient
import Settings
import Transport

/// Asks the running gateway of a configuration, through its admin listener.
struct AdminCall {
    private let admin: Configuration.Admin

    init(_ configuration: Configuration) { admin = configuration.admin }

    /// The page at `path`; nil where no gateway answers.
    /// - Throws: `Failure` where one answers, but not with this page.
    func page(_ path: String) async throws -> [UInt8]? {
        let everywhere = ["localhost", "0.0.0.0", "::"]
        let host = everywhere.contains(admin.listen.host) ? "127.0.0.1" : admin.listen.host
        guard let port = UInt16(exactly: admin.listen.port) else {
            throw Failure("the port of admin.listen is no port")
        }
        var call = HTTPCall(host: host, port: port, target: path)
        if let token = admin.token { call.fields = [("authorization", "Bearer \(token.reveal())")] }
        let loop = try EventLoop(name: "propylon.admin-call")
        let answer: (status: Int, body: [UInt8])
        do throws(ClientError) {
            answer = try await call.send(on: loop)
        } catch {
            if case .unreachable = error { return nil }
            throw Failure("the gateway on \(admin.listen.text) does not answer as one: \(error)")
        }
        guard answer.status == 200 else {
            let text = String(decoding: answer.body, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            throw Failure("the gateway on \(admin.listen.text) answers \(answer.status): \(text)")
        }
        return answer.body
    }

    /// Where it asks.
    var address: String { admin.listen.text }
}
