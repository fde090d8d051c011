import Foundation
import HTTP1
import HTTPClient
import Transport

/// One HTTP request from the program itself, to a gateway's admin listener or to a webhook: not on the way of anybody's request.
struct HTTPCall {
    var method = "GET"
    var host: String
    var port: UInt16
    var isSecure = false
    /// Path and query.
    var target: String
    /// Beside `host`, `content-length` and `connection`.
    var fields: [(name: String, value: String)] = []
    var body: [UInt8] = []

    /// A call of `url`, which is an http or https URL; nil for anything else.
    init?(_ method: String, _ url: String) {
        guard let components = URLComponents(string: url), let host = components.host, !host.isEmpty,
            let scheme = components.scheme, scheme == "http" || scheme == "https",
            let port = UInt16(exactly: components.port ?? (scheme == "https" ? 443 : 80))
        else { return nil }
        self.method = method
        self.host = host
        self.port = port
        isSecure = scheme == "https"
        let path = components.percentEncodedPath.isEmpty ? "/" : components.percentEncodedPath
        target = path + (components.percentEncodedQuery.map { "?" + $0 } ?? "")
    }

    /// A GET of `target` on this machine or another.
    init(host: String, port: UInt16, target: String) {
        self.host = host
        self.port = port
        self.target = target
    }

    /// Sends it on `loop` and reads the answer, of at most `limit` bytes.
    func send(on loop: EventLoop, tls: TLSContext? = nil, limit: Int = 16 << 20) async throws(ClientError) -> (
        status: Int, body: [UInt8]
    ) {
        let isDefaultPort = port == (isSecure ? 443 : 80)
        var head = "\(method) \(target) HTTP/1.1\r\nhost: \(host)\(isDefaultPort ? "" : ":\(port)")\r\n"
        for (name, value) in fields { head += "\(name): \(value)\r\n" }
        if !body.isEmpty { head += "content-length: \(body.count)\r\n" }
        head += "connection: close\r\n\r\n"
        let origin = Origin(host: host, port: port, isSecure: isSecure)
        let result = await Task(executorPreference: loop) {
            [head] () -> Result<(status: Int, body: [UInt8]), ClientError> in
            let client = HTTPClient(origin, context: tls, limits: ClientLimits(), on: loop)
            defer { client.close() }
            do throws(ClientError) {
                let answer = try await client.send(
                    ClientRequest(
                        head: Array(head.utf8), body: body.isEmpty ? .none : .bytes(body),
                        isIdempotent: method == "GET"))
                defer { answer.end() }
                return .success((answer.head.status, try await answer.wholeBody(limit: limit)))
            } catch { return .failure(error) }
        }.value
        return try result.get()
    }
}
