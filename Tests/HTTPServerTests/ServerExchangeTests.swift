import HTTP1
import Testing

@testable import HTTPServer

@Suite(.ownThread) struct ServerExchangeTests {
    @Test func continueIsSentOnceTheBodyIsWanted() throws {
        let caller = try TestServer().caller()
        caller.send("POST /echo HTTP/1.1\r\nhost: test\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n")
        #expect(caller.receive(through: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
        caller.send("hi")
        #expect(caller.receive(through: "hi") == "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")
    }

    @Test func aBodyNobodyWantsIsNotAskedForAndEndsTheConnection() throws {
        let caller = try TestServer().caller()
        caller.send("POST /refuse HTTP/1.1\r\nhost: test\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n")
        #expect(caller.receiveAll() == "HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno")
    }

    @Test func anEarlyRefusalSurvivesABodyThatIsStillBeingSent() throws {
        let caller = try TestServer().caller()
        caller.send("POST /refuse HTTP/1.1\r\nhost: test\r\ncontent-length: 3000000\r\n\r\n")
        caller.send([UInt8](repeating: 7, count: 3_000_000))
        #expect(try #require(caller.receiveAll()).hasSuffix("\r\n\r\nno"))
    }

    @Test func aBodyOfUnknownLengthGoesOutInChunks() throws {
        let caller = try TestServer().caller()
        caller.send("GET /chunks HTTP/1.1\r\nhost: test\r\n\r\n")
        #expect(caller.receive(through: "\r\n\r\n").contains("transfer-encoding: chunked"))
        #expect(caller.receive(through: "0\r\n\r\n") == "8\r\npiece 0;\r\n8\r\npiece 1;\r\n8\r\npiece 2;\r\n0\r\n\r\n")
    }

    @Test func aCallerOfTheOldVersionGetsItUntilTheConnectionEnds() throws {
        let caller = try TestServer().caller()
        caller.send("GET /chunks HTTP/1.0\r\n\r\n")
        let answer = try #require(caller.receiveAll())
        #expect(answer.hasSuffix("\r\n\r\npiece 0;piece 1;piece 2;"))
        #expect(!answer.contains("transfer-encoding"))
    }

    @Test func anOldCallerMayKeepTheConnection() throws {
        let caller = try TestServer().caller()
        for _ in 0..<2 {
            caller.send("GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n")
            #expect(caller.receive(through: "ok").contains("connection: keep-alive"))
        }
    }

    @Test func anAnswerToHEADHasNoBody() throws {
        let caller = try TestServer().caller()
        caller.send(
            "HEAD / HTTP/1.1\r\nhost: test\r\n\r\nGET /chunks HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n")
        #expect(caller.receive(through: "\r\n\r\n") == "HTTP/1.1 200 OK\r\nx-test: 1\r\ncontent-length: 2\r\n\r\n")
        #expect(try #require(caller.receiveAll()).hasPrefix("HTTP/1.1 200 OK\r\ncontent-type"))
    }

    @Test(arguments: ["/cut", "/short"]) func aCutAnswerDoesNotLookWhole(path: String) throws {
        let caller = try TestServer().caller()
        caller.send("GET \(path) HTTP/1.1\r\nhost: test\r\n\r\n")
        let answer = try #require(caller.receiveAll())
        #expect(answer.contains("half"))
        #expect(!answer.hasSuffix("0\r\n\r\n"))
    }

    @Test func aCutAnswerToAnOldCallerEndsWithAReset() throws {
        let caller = try TestServer().caller()
        caller.send("GET /cut HTTP/1.0\r\n\r\n")
        #expect(caller.receiveAll() == nil)
    }

    @Test func anUnansweredRequestCostsTheConnection() throws {
        let caller = try TestServer().caller()
        caller.send("GET /none HTTP/1.1\r\nhost: test\r\n\r\n")
        #expect(caller.receiveAll() ?? "" == "")
    }

    @Test func aSlowCallerGetsALargeAnswerWhole() throws {
        let caller = try TestServer().caller()
        caller.send("GET /large HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n")
        _ = caller.receive(through: "\r\n\r\n")
        var count = 0
        while let bytes = caller.receive(1 << 14), !bytes.isEmpty { count += bytes.count }
        #expect(count == 64 << 20)
    }

    @Test func aBodyCutShortIsNoBody() throws {
        let server = try TestServer()
        let caller = try server.caller()
        caller.send("POST /echo HTTP/1.1\r\nhost: test\r\ncontent-length: 9\r\n\r\nhalf")
        caller.finishSending()
        #expect(caller.receiveAll() ?? "" == "")
        #expect(server.handler.outcomes.takeSoon() == "clientGone")
    }

    @Test func aSilentBodyTimesOut() throws {
        var limits = ServerLimits()
        limits.bodyTimeout = .milliseconds(40)
        let server = try TestServer(limits: limits)
        let caller = try server.caller()
        caller.send("POST /echo HTTP/1.1\r\nhost: test\r\ncontent-length: 9\r\n\r\nhalf")
        #expect(caller.receiveAll() ?? "" == "")
        #expect(server.handler.outcomes.takeSoon() == "timedOut")
    }

    @Test func aCallerThatLeavesIsSeenWhileNothingIsSent() async throws {
        let server = try TestServer()
        do {
            let caller = try server.caller()
            caller.send("GET /silent HTTP/1.1\r\nhost: test\r\n\r\n")
        }
        // `/silent` waits ten seconds for the caller to leave; it is over at once.
        #expect(server.handler.outcomes.takeSoon() != nil)
    }
}
