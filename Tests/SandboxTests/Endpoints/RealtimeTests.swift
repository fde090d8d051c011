import Testing

@testable import Sandbox

@Suite struct RealtimeTests {
    let upstream = SandboxUpstream()

    @Test func aHandshakeIsAccepted() {
        let response = upstream.respond(
            to: request(
                "/v1/realtime?model=voxtral", method: "GET",
                headers: ["upgrade": "WebSocket", "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ=="]))
        #expect(response.status == 101)
        #expect(response.header("upgrade") == "websocket")
        #expect(response.header("connection") == "upgrade")
        #expect(response.header("sec-websocket-accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        #expect(response.header("content-type") == nil)
    }

    @Test func theFirstSubprotocolIsChosen() {
        let response = upstream.respond(
            to: request(
                "/v1/realtime?model=voxtral", method: "GET",
                headers: [
                    "upgrade": "websocket", "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
                    "sec-websocket-protocol": "realtime, other",
                ]))
        #expect(response.header("sec-websocket-protocol") == "realtime")
    }

    @Test func anAcceptCanBeWrong() {
        let response = upstream.respond(
            to: request(
                "/v1/realtime?model=sandbox:fault=wrong-accept", method: "GET",
                headers: ["upgrade": "websocket", "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ=="]))
        #expect(response.status == 101)
        #expect(response.header("sec-websocket-accept") != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test(arguments: ["", #""stream":true"#]) func otherEndpointsCanSwitchUnasked(more: String) {
        let response = upstream.respond(to: chat("sandbox:fault=switch", more: more))
        #expect(response.status == 101)
        #expect(response.header("upgrade") == "websocket")
        #expect(response.header("content-type") == nil)
    }

    @Test(arguments: [[:], ["upgrade": "websocket"], ["sec-websocket-key": "x"], ["upgrade": "h2c"]])
    func otherRequestsAreTold(_ headers: [String: String]) {
        let response = upstream.respond(to: request("/v1/realtime", method: "GET", headers: headers))
        #expect(response.status == 426)
        #expect(response.header("upgrade") == "websocket")
        #expect(response.header("connection") == "upgrade")
    }
}
