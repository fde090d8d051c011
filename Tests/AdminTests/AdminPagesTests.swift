import HTTPServer
import Loopback
import Metrics
import Testing
import Transport

@testable import Admin

@Suite(.ownThread) struct AdminPagesTests {
    private func serve(token: String? = nil, reasons: [String] = []) throws -> SocketAddress {
        let registry = MetricRegistry()
        registry.counter("things_total", "Things.").add(3)
        let pages = AdminPages(
            registry: registry, token: token,
            status: {
                GatewayStatus(
                    version: "1", uptimeSeconds: 2, listening: [], upstream: "u", callerConnections: 0, pendingRows: 0,
                    reasonsNotToServe: reasons)
            }, statusJSON: { Array("{\"uptime\":\($0.uptimeSeconds)}".utf8) },
            limitsJSON: { id in id == "nobody" ? nil : Array("limits of \(id ?? "all")".utf8) })
        let listener = try Listener(SocketAddress("127.0.0.1", port: 0)!)
        let address = listener.address
        HTTPServer(loops: [try EventLoop(name: "admin")], limits: ServerLimits(), handler: pages).serve(listener)
        return address
    }

    private func get(_ path: String, from address: SocketAddress, method: String = "GET", fields: String = "") throws
        -> String
    {
        let caller = try RawClient(to: address)
        caller.send("\(method) \(path) HTTP/1.1\r\nhost: admin\r\nconnection: close\r\n\(fields)\r\n")
        return try #require(caller.receiveAll())
    }

    @Test func metricsAndStatusAreShown() throws {
        let address = try serve()
        let metrics = try get("/metrics", from: address)
        #expect(metrics.hasPrefix("HTTP/1.1 200 OK\r\ncontent-type: text/plain; version=0.0.4"))
        #expect(metrics.contains("things_total 3\n"))
        #expect(try get("/admin/v1/status", from: address).hasSuffix(#"{"uptime":2}"#))
    }

    @Test func limitsAreThoseOfOneKeyOrOfAll() throws {
        let address = try serve()
        #expect(try get("/admin/v1/limits", from: address).hasSuffix("\r\n\r\nlimits of all"))
        #expect(try get("/admin/v1/limits/abc", from: address).hasSuffix("\r\n\r\nlimits of abc"))
        #expect(try get("/admin/v1/limits/nobody", from: address).hasPrefix("HTTP/1.1 404 "))
        #expect(try get("/admin/v1/limits/", from: address).hasPrefix("HTTP/1.1 404 "))
    }

    @Test func readinessTellsItsReasons() throws {
        #expect(try get("/readyz", from: try serve()).hasPrefix("HTTP/1.1 200 "))
        let answer = try get("/readyz", from: try serve(reasons: ["one", "two"]))
        #expect(answer.hasPrefix("HTTP/1.1 503 "))
        #expect(answer.hasSuffix("\r\n\r\none\ntwo\n"))
        #expect(try get("/healthz", from: try serve(token: "t", reasons: ["one"])).hasPrefix("HTTP/1.1 200 "))
    }

    @Test(arguments: [
        "", "authorization: Bearer wrong\r\n", "authorization: Bearer toke\r\n", "authorization: Basic token\r\n",
    ])
    func theTokenIsWanted(fields: String) throws {
        let address = try serve(token: "token")
        #expect(try get("/metrics", from: address, fields: fields).hasPrefix("HTTP/1.1 401 "))
        #expect(
            try get("/metrics", from: address, fields: "authorization: Bearer token\r\n").hasPrefix("HTTP/1.1 200 "))
    }

    @Test func whatIsNotThereIsSaid() throws {
        let address = try serve()
        #expect(try get("/nothing", from: address).hasPrefix("HTTP/1.1 404 "))
        #expect(try get("/metrics", from: address, method: "DELETE").hasPrefix("HTTP/1.1 405 "))
    }
}
