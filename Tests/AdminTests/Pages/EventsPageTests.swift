import Foundation
import HTTPServer
import Loopback
import Testing
import Transport

@testable import Admin

/// Pages and streams of events over a connection.
@Suite(.ownThread) struct EventsPageTests {
    private let address: SocketAddress

    init() throws {
        let listener = try Listener(SocketAddress("127.0.0.1", port: 0)!)
        address = listener.address
        HTTPServer(loops: [try EventLoop(name: "admin")], limits: ServerLimits(), handler: adminPages(token: "t"))
            .serve(listener)
    }

    private func client(_ path: String, fields: String = "authorization: Bearer t\r\n") throws -> RawClient {
        let client = try RawClient(to: address)
        client.send("GET \(path) HTTP/1.1\r\nhost: admin\r\nconnection: close\r\n\(fields)\r\n")
        return client
    }

    private func numbers(_ path: String) throws -> [Int]? {
        let text = try #require(try client(path).receiveAll())
        let body = try #require(text.range(of: "\r\n\r\n").map { String(text[$0.upperBound...]) })
        let page = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
        return (page?["events"] as? [[String: Any]])?.compactMap { $0["number"] as? Int }
    }

    @Test func pagesFollowACursor() throws {
        #expect(try numbers("/admin/v1/events") == [1, 2, 3, 4, 5])
        #expect(try numbers("/admin/v1/events?limit=2") == [4, 5])
        #expect(try numbers("/admin/v1/events?after=1&limit=2") == [2, 3])
        #expect(try numbers("/admin/v1/events?after=5") == [])
    }

    @Test(
        arguments: [
            ("?limit=1&after=9223372036854775807", 503), ("?after=0&limit=1000", 200), ("?after=2&", 200),
            ("?after", 400), ("?after=", 400), ("?after=x", 400), ("?after=-1", 400), ("?limit=1.5", 400),
            ("?after=9223372036854775808", 400), ("?limit=0", 400), ("?limit=1001", 400), ("?since=24h", 400),
            ("?=", 400), ("?after=1&x", 400),
        ])
    func parametersAreChecked(query: String, status: Int) throws {
        let text = try #require(try client("/admin/v1/events\(query)").receiveAll())
        #expect(text.hasPrefix("HTTP/1.1 \(status) "))
    }

    @Test(
        arguments: [
            ("/admin/v1/events?limit=0", "authorization: Bearer t\r\n", 400),
            ("/admin/v1/events?limit=0", "authorization: Bearer t\r\naccept: text/event-stream\r\n", 400),
            ("/admin/v1/events?after=1000", "authorization: Bearer t\r\n", 503),
            ("/admin/v1/events", "", 401), ("/admin/v1/events", "accept: text/event-stream\r\n", 401),
        ])
    func othersAreRefused(path: String, fields: String, status: Int) throws {
        let text = try #require(try client(path, fields: fields).receiveAll())
        #expect(text.hasPrefix("HTTP/1.1 \(status) "))
    }

    @Test(arguments: ["text/event-stream", "application/json, Text/Event-Stream;q=0.5"])
    func aStreamHasEachEventWithItsNumber(accept: String) throws {
        let client = try client(
            "/admin/v1/events", fields: "authorization: Bearer t\r\naccept: \(accept)\r\nlast-event-id: 3\r\n")
        let text = client.receive(through: "id: 5\nevent: limit.refused\ndata: {")
        #expect(text.contains("content-type: text/event-stream\r\n"))
        #expect(text.contains("id: 4\nevent: limit.refused\ndata: {"))
        #expect(!text.contains("id: 3\n"))
    }

    @Test func aStreamBeginsWithWhatComesNext() throws {
        let client = try client("/admin/v1/events", fields: "authorization: Bearer t\r\naccept: text/event-stream\r\n")
        let text = client.receive(through: ": no events\n\n")
        #expect(!text.contains("id: "))
    }
}
