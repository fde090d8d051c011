import Admin
import Bytes
import Foundation
import HTTPClient
import Policy
import Settings
import Transport

/// A request to the admin listener of the running gateway.
struct AdminCall {
    private let admin: Configuration.Admin

    init(_ configuration: Configuration) { admin = configuration.admin }

    /// The address of the admin listener, for messages.
    var address: String { admin.listen.text }

    /// The path of the page about `name`, a segment below `folder`.
    static func path(_ folder: String, _ name: String) -> String {
        var path = Array(folder.utf8)
        PercentCoding.append(name, to: &path)
        return String(decoding: path, as: UTF8.self)
    }

    /// The request for the page at `path`. A listener on all addresses is asked on loopback.
    ///
    /// - Parameter need: the right that the token must have.
    func request(
        _ path: String, method: StaticString = "GET", needs need: AdminScope.Need = .read
    ) throws -> HTTPCall {
        let host = ["localhost", "0.0.0.0", "::"].contains(admin.listen.host) ? "127.0.0.1" : admin.listen.host
        guard let port = UInt16(exactly: admin.listen.port) else {
            throw Failure("the port of admin.listen is not a port: \(admin.listen.port)")
        }
        var call = HTTPCall(host: host, port: port, target: path)
        call.method = method
        if let token = admin.token(for: need) { call.fields = [("authorization", "Bearer \(token.reveal())")] }
        return call
    }

    /// The page at `path` of the gateway that must be running.
    /// - Throws: `Failure` where none answers, or the gateway refuses the request.
    func runningPage(
        _ path: String, method: StaticString = "GET", needs need: AdminScope.Need = .read
    ) async throws -> [UInt8] {
        guard let page = try await page(path, method: method, needs: need) else {
            throw Failure("no gateway answers on \(address): start one with propylon serve, or check admin.listen")
        }
        return page
    }

    /// The page at `path`. Returns nil where no gateway answers.
    /// - Throws: `Failure` where the gateway refuses the request.
    func page(
        _ path: String, method: StaticString = "GET", needs need: AdminScope.Need = .read
    ) async throws -> [UInt8]? {
        let call = try request(path, method: method, needs: need)
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
    /// A token with the right `need`; nil where none is needed, or known to this user.
    fileprivate func token(for need: AdminScope.Need) -> Secret? {
        token ?? tokens.lazy.filter { $0.scope.allows(need) }.compactMap(\.token).first
    }
}
