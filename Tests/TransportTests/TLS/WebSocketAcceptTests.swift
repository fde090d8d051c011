import Testing

@testable import Transport

@Suite struct WebSocketAcceptTests {
    @Test(arguments: [
        // RFC 6455, sections 1.3 and 4.2.2, and MDN's guide to servers.
        ("dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
        ("x3JJHMbDL1EzLkh9GBhXDw==", "HSmrc0sMlYUkAGmm5OPpG2HaGWk="), ("", "Kfh9QIsMVZcl6xEPYxPHzW8SZ8w="),
    ]) func knownAnswers(key: String, accept: String) {
        #expect(webSocketAccept(key: key) == accept)
    }
}
