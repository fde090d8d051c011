import Loopback
import Testing

@testable import HTTPServer

/// Every end that a response can have, as a client sees it.
@Suite(.ownThread) struct ResponseEndTests {
    /// The connection after the response.
    enum Fate: Sendable {
        /// The next request is answered.
        case kept
        case closed
        case reset
    }

    struct End: Sendable, CustomTestStringConvertible {
        let path: String
        let version: String
        let response: String
        let fate: Fate

        init(_ path: String, _ response: String, _ fate: Fate, version: String = "1.1") {
            self.path = path
            self.version = version
            self.response = response
            self.fate = fate
        }

        var testDescription: String { "HTTP/\(version) \(path)" }
    }

    private static let sized = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"
    private static let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    private static let untilClose = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n"

    static let ends: [End] = [
        // Whole responses.
        End("/start-5/write-5/finish", sized + "xxxxx", .kept),
        End("/start-5/write-2/push/write-3/finish", sized + "xxxxx", .kept),
        End("/start-0/finish", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", .kept),
        End("/start/write-3/write-2/finish", chunked + "3\r\nxxx\r\n2\r\nxx\r\n0\r\n\r\n", .kept),
        End("/start/finish", chunked + "0\r\n\r\n", .kept),
        End("/empty/write-3/finish", "HTTP/1.1 204 No Content\r\n\r\n", .kept),
        End("/start/write-3/finish", untilClose + "xxx", .closed, version: "1.0"),
        End(
            "/start-5/write-5/finish", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nxxxxx",
            .closed, version: "1.0"),
        // Finished a second time.
        End("/start-5/write-5/finish/finish", sized + "xxxxx", .kept),
        // Incomplete ones: what a client has must not look whole.
        End("/start-5/write-3/finish", sized + "xxx", .closed),
        End("/start-5/write-3", sized + "xxx", .closed),
        End("/start-5/write-3/abort", sized + "xxx", .closed),
        End("/start/write-3", chunked + "3\r\nxxx\r\n", .closed),
        End("/start/write-3/abort", chunked + "3\r\nxxx\r\n", .closed),
        End("/start/write-3/abort/finish", chunked + "3\r\nxxx\r\n", .closed),
        End("/start/write-3/flush/abort", untilClose + "xxx", .reset, version: "1.0"),
        End("/start/write-3/flush", untilClose + "xxx", .reset, version: "1.0"),
        // A body longer than announced: the excess would be read as the next response.
        End("/start-5/write-3/write-3/finish", sized + "xxx", .closed),
        End("/start-5/write-5/write-1/finish", sized + "xxxxx", .closed),
        // Misuse.
        End("/start-5/write-3/start-5/write-2/finish", sized + "xxx", .closed),
        End("/start-5/write-5/finish/write-1", sized + "xxxxx", .closed),
        End("/write-3/start-5/write-5/finish", "", .closed),
        End("/finish", "", .closed),
        End("/abort", "", .closed),
        End("/none", "", .closed),
        End("/switch", "HTTP/1.1 101 Switching Protocols\r\n\r\n", .closed),
        End("/start-5/switch", sized, .closed),
    ]

    @Test(arguments: ends) func theClientSeesTheEndAsItIs(end: End) throws {
        let client = try TestServer(ScriptHandler()).client()
        let host = end.version == "1.1" ? "host: test\r\n" : ""
        client.send("GET \(end.path) HTTP/\(end.version)\r\n\(host)\r\n")
        switch end.fate {
        case .kept:
            #expect(client.receive(count: end.response.utf8.count) == end.response)
            client.send("GET /start-0/finish HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n")
            #expect(client.receiveAll() == "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        case .closed: #expect(client.receiveAll() == end.response)
        case .reset:
            // A reset may overtake the last bytes.
            let (text, isBroken) = client.receiveRest()
            #expect(isBroken)
            #expect(end.response.hasPrefix(text))
        }
    }

    @Test(arguments: ["/start-5/write-5/finish", "/start/write-3/finish", "/start/finish"])
    func aResponseToHEADIsItsHead(path: String) throws {
        let client = try TestServer(ScriptHandler()).client()
        for _ in 0..<2 {
            client.send("HEAD \(path) HTTP/1.1\r\nhost: test\r\n\r\n")
            let head = client.receive(through: "\r\n\r\n")
            let expected = path.hasPrefix("/start-5") ? Self.sized : "HTTP/1.1 200 OK\r\n\r\n"
            #expect(head == expected)
        }
    }

    @Test func aSwitchAfterTheResponseHasStartedIsAnError() throws {
        let server = try TestServer(ScriptHandler())
        let client = try server.client()
        client.send("GET /start-5/switch HTTP/1.1\r\nhost: test\r\n\r\n")
        #expect(server.handler.errors.takeSoon() == "switch: clientGone")
    }
}
