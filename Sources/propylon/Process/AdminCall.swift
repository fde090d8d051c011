import Admin
import Foundation
import HTTPClient
import Settings
import Transport

/// A request to the admin listener of the running gateway.
struct AdminCall {
    private let admin: Configuration.Admin

    init(_ configuration: Configuration) { admin = configuration.admin }

    /// The address of the admin listener, for messages.
    var address: String { admin.listen.text }

    /// The request for the page at `path`. A listener on all addresses is asked on loopback.
    func request(_ path: String) throws -> HTTPCall {
        let host = ["localhost", "0.0.0.0", "::"].contains(admin.listen.host) ? "127.0.0.1" : admin.listen.host
        guard let port = UInt16(exactly: admin.listen.port) else {
            throw Failure("the port of admin.listen is not a port: \(admin.listen.port)")
        }
        var call = HTTPCall(host: host, port: port, target: path)
        if let token = admin.readingToken { call.fields = [("authorization", "Bearer \(token.reveal())")] }
        return call
    }

    /// The page at `path`. Returns nil where no gateway answers.
    /// - Throws: `Failure` where the gateway refuses the page.
    func page(_ path: String) async throws -> [UInt8]? {
        let call = try request(path)
        let loop = try EventLoop(name: "propylon.admin-call")
        let response: (status: Int, body: [UInt8])
        do throws(ClientError) {
            response = try await call.send(on: loop)
        } catch {
            if case .unreachable = error { return nil }
            throw Failure("\(address) does not answer as an admin listener: \(error); check admin.listen")
        }
        guard response.status == 200 else {
            let text =
                AdminValue(json: response.body)?["error"]?["message"]?.text
                ?? String(decoding: response.body, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            throw Failure("the gateway on \(address) answers \(response.status): \(text)")
        }
        return response.body
    }
}

extension Configuration.Admin {
    /// A token that may see everything; nil where none is needed, or known to this user.
    fileprivate var readingToken: Secret? {
        token ?? tokens.lazy.filter { $0.scope.allows(.read) }.compactMap(\.token).first
    }
}
