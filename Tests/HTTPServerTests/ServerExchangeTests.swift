import HTTP1
import Testing

@testable import HTTPServer

@Suite(.ownThread) struct ServerExchangeTests {
    @Test func continueIsSentOnceTheBodyIsWanted() throws {
        let client = try TestServer().client()
        client.send("POST /echo HTTP/1.1\r\nhost: test\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n")
        #expect(client.receive(through: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
        client.send("hi")
        #expect(client.receive(through: "hi") == "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")
    }

    @Test func aBodyNobodyWantsIsNotAskedForAndEndsTheConnection() throws {
        let client = try TestServer().client()
        client.send("POST /refuse HTTP/1.1\r\nhost: test\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n")
        #expect(client.receiveAll() == "HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno")
    }

    /// The refusal is there before the body, and the connection can be used again after it.
    @Test(arguments: [
        ("content-length: 4\r\n", "body"), ("transfer-encoding: chunked\r\n", "4\r\nbody\r\n0\r\n\r\n"),
    ]) func aRefusalComesBeforeTheBodyAndKeepsTheConnection(field: String, body: String) throws {
        let client = try TestServer().client()
        let refusal = "HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno"
        for _ in 0..<3 {
            client.send("POST /refuse HTTP/1.1\r\nhost: test\r\n\(field)\r\n")
            #expect(client.receive(count: refusal.utf8.count) == refusal)
            client.send(body)
        }
    }

    /// A wait for the body ends, and the response announces that the connection closes.
    @Test func aCancelledExchangeReadsNoMoreAndMayRespond() throws {
        let server = try TestServer(ScriptHandler())
        let client = try server.client()
        client.send("POST /cancel/body/start-1/write-1/finish HTTP/1.1\r\nhost: test\r\ncontent-length: 2\r\n\r\na")
        #expect(
            client.receive(through: "x")
                == "HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: close\r\n\r\nx")
        #expect(server.handler.errors.takeSoon() == "body: clientGone")
        client.finishSending()
        #expect(client.receiveAll() == "")
    }

    @Test func aCancelledExchangeStopsWaitingForItsClient() throws {
        let server = try TestServer(ScriptHandler())
        let client = try server.client()
        client.send("GET /start/write-67108864/cancel/flush/abort HTTP/1.1\r\nhost: test\r\n\r\n")
        #expect(server.handler.errors.takeSoon() == "flush: clientGone")
        _ = client.receiveRest()
    }

    @Test func aMalformedBodyAfterARefusalEndsTheConnection() throws {
        let client = try TestServer().client()
        client.send("POST /refuse HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n")
        #expect(try #require(client.receiveAll()).hasSuffix("\r\n\r\nno"))
    }

    /// As clients do that read nothing before they have sent everything.
    @Test func aClientThatSendsALargeBodyFirstReadsItsRefusal() throws {
        let server = try TestServer()
        for _ in 0..<10 {
            let client = try server.client()
            client.send("POST /refuse HTTP/1.1\r\nhost: test\r\ncontent-length: 40000000\r\n\r\n")
            for _ in 0..<40 { client.send([UInt8](repeating: 7, count: 1_000_000)) }
            #expect(client.receive(through: "no").hasSuffix("\r\n\r\nno"))
        }
    }

    @Test func aBodyOfUnknownLengthGoesOutInChunks() throws {
        let client = try TestServer().client()
        client.send("GET /chunks HTTP/1.1\r\nhost: test\r\n\r\n")
        #expect(client.receive(through: "\r\n\r\n").contains("transfer-encoding: chunked"))
        #expect(client.receive(through: "0\r\n\r\n") == "8\r\npiece 0;\r\n8\r\npiece 1;\r\n8\r\npiece 2;\r\n0\r\n\r\n")
    }

    @Test func aCallerOfTheOldVersionGetsItUntilTheConnectionEnds() throws {
        let client = try TestServer().client()
        client.send("GET /chunks HTTP/1.0\r\n\r\n")
        let answer = try #require(client.receiveAll())
        #expect(answer.hasSuffix("\r\n\r\npiece 0;piece 1;piece 2;"))
        #expect(!answer.contains("transfer-encoding"))
    }

    @Test func anOldCallerMayKeepTheConnection() throws {
        let client = try TestServer().client()
        for _ in 0..<2 {
            client.send("GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n")
            #expect(client.receive(through: "ok").contains("connection: keep-alive"))
        }
    }

    @Test func anAnswerToHEADHasNoBody() throws {
        let client = try TestServer().client()
        client.send(
            "HEAD / HTTP/1.1\r\nhost: test\r\n\r\nGET /chunks HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n")
        #expect(client.receive(through: "\r\n\r\n") == "HTTP/1.1 200 OK\r\nx-test: 1\r\ncontent-length: 2\r\n\r\n")
        #expect(try #require(client.receiveAll()).hasPrefix("HTTP/1.1 200 OK\r\ncontent-type"))
    }

    @Test func aSlowCallerGetsALargeAnswerWhole() throws {
        let client = try TestServer().client()
        client.send("GET /large HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n")
        _ = client.receive(through: "\r\n\r\n")
        var count = 0
        while let bytes = client.receive(1 << 14), !bytes.isEmpty { count += bytes.count }
        #expect(count == 64 << 20)
    }

    @Test func aBodyCutShortIsNoBody() throws {
        let server = try TestServer()
        let client = try server.client()
        client.send("POST /echo HTTP/1.1\r\nhost: test\r\ncontent-length: 9\r\n\r\nhalf")
        client.finishSending()
        #expect(client.receiveAll() ?? "" == "")
        #expect(server.handler.outcomes.takeSoon() == "clientGone")
    }

    @Test func aCallerThatLeavesIsSeenWhileNothingIsSent() async throws {
        let server = try TestServer()
        do {
            let client = try server.client()
            client.send("GET /silent HTTP/1.1\r\nhost: test\r\n\r\n")
        }
        // `/silent` waits ten seconds for the client to leave; it is over at once.
        #expect(server.handler.outcomes.takeSoon() != nil)
    }

    @Test func aBodyCanBeReadAfterTheResponseHasBegun() throws {
        let client = try TestServer().client()
        client.send("POST /length HTTP/1.1\r\nhost: test\r\ncontent-length: 3\r\n\r\nabc")
        #expect(client.receive(through: "true 3") == "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\ntrue 3")
    }

    @Test(arguments: [
        ("", "false 0"), ("content-length: 0\r\n", "true 0"), ("content-length: 7\r\n", "true 7"),
        ("transfer-encoding: chunked\r\n", "true unknown"),
    ]) func theBodysLengthIsAsDeclared(field: String, expected: String) throws {
        let client = try TestServer().client()
        client.send("POST /length HTTP/1.1\r\nhost: test\r\n\(field)\r\n")
        #expect(client.receive(through: expected).hasSuffix("\r\n\r\n" + expected))
    }

    @Test func aMalformedBodyIsAnErrorAndSoIsReadingOn() throws {
        let server = try TestServer()
        let client = try server.client()
        client.send("POST /twice HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\n2\r\nabX")
        #expect(server.handler.outcomes.takeSoon() == "first malformed(HTTP1.HTTP1Error.missingChunkEnd)")
        #expect(server.handler.outcomes.takeSoon() == "clientGone")
        #expect(client.receiveAll() ?? "" == "")
    }

    @Test func aPauseEndsByItself() throws {
        let server = try TestServer()
        let client = try server.client()
        client.send("GET /pause HTTP/1.1\r\nhost: test\r\n\r\n")
        #expect(server.handler.outcomes.takeSoon() == "true")
    }

    @Test(arguments: ["", "early;"]) func aSwitchedConnectionIsTheHandlers(early: String) throws {
        let server = try TestServer()
        let client = try server.client()
        client.send("GET /upgrade HTTP/1.1\r\nhost: test\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n" + early)
        let head = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n"
        #expect(client.receive(count: head.utf8.count) == head)
        client.send("later")
        #expect(client.receiveAll() == early + "later")
        #expect(server.handler.outcomes.takeSoon() == "done")
    }
}
