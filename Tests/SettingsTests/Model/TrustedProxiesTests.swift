import Testing

@testable import Settings

@Suite struct TrustedProxiesTests {
    @Test(arguments: ["127.0.0.1", "10.0.0.0/8", "0.0.0.0/0", "::1", "2001:db8::/32", "::/128"])
    func addressesAndBlocksAreTaken(text: String) throws {
        #expect(try load("trusted_proxies: \"\(text)\"\n").0.trustedProxies == [text])
    }

    @Test(arguments: [
        "proxy.example", "localhost", "10.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/+8", "10.0.0.0/8/8", "::/129",
        "[::1]", "10.0.0.1:80", "10.0.0.0/99999999999999999999", "*",
    ])
    func everythingElseIsAnErrorAtItsPlace(text: String) throws {
        let issue = try #require(issues("data: ./d\ntrusted_proxies:\n  - 127.0.0.1\n  - \"\(text)\"\n").first)
        #expect(issue.path == "trusted_proxies[1]")
        #expect((issue.line, issue.column) == (4, 5))
    }
}
