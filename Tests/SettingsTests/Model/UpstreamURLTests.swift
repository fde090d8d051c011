import Settings
import Testing

@Suite struct UpstreamURLTests {
    @Test(arguments: [
        ("https://api.ai.cloud-temple.com/v1", true, "api.ai.cloud-temple.com", 443, "/v1"),
        ("https://api.ai.cloud-temple.com/v1/", true, "api.ai.cloud-temple.com", 443, "/v1"),
        ("http://127.0.0.1:8090", false, "127.0.0.1", 8090, ""), ("http://localhost", false, "localhost", 80, ""),
        ("HTTPS://[::1]:8443/llm/v1//", true, "::1", 8443, "/llm/v1"),
    ])
    func parses(text: String, isSecure: Bool, host: String, port: Int, path: String) throws {
        let url = try UpstreamURL(parsing: text)
        #expect(url.isSecure == isSecure)
        #expect(url.host == host)
        #expect(url.port == port)
        #expect(url.path == path)
        #expect(try UpstreamURL(parsing: url.text) == url)
    }

    @Test(arguments: [("https://a/v1", ""), ("https://a", ""), ("https://a/llm/v1", "/llm"), ("https://a/llm", "/llm")])
    func pathBeforeTheVersion(text: String, path: String) throws {
        #expect(try UpstreamURL(parsing: text).pathBeforeVersion == path)
    }

    @Test(arguments: ["https://a:443/v1", "http://a:80/v1"]) func standardPortIsNotWritten(text: String) throws {
        #expect(try !UpstreamURL(parsing: text).text.contains(":443"))
        #expect(try !UpstreamURL(parsing: text).text.contains(":80"))
    }

    @Test(arguments: [
        "", "api.example.com/v1", "ftp://a/v1", "https://", "https:///v1", "https://a:0/v1", "https://a:70000",
        "https://a b/v1",
        "https://a/v1?x=1", "https://a/v1#x", "https://user:secret-word@a/v1", "https://a/é", "https://::1/v1",
        "https://a:/v1",
    ])
    func refusesWithoutRepeatingIt(text: String) throws {
        let problem = try #require(throws: ParseProblem.self) { try UpstreamURL(parsing: text) }
        #expect(!problem.message.contains("secret-word"))
    }
}
