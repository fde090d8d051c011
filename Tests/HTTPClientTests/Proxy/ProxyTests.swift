import Testing

@testable import HTTPClient

@Suite struct ProxyTests {
    @Test(arguments: [
        ("http://proxy:3128", "proxy", 3128, nil), ("HTTP://proxy:3128/", "proxy", 3128, nil),
        ("proxy:3128", "proxy", 3128, nil), ("http://proxy", "proxy", 80, nil),
        ("http://[::1]:8080", "::1", 8080, nil), ("http://u:p@proxy:1", "proxy", 1, "Basic dTpw"),
        ("http://u@proxy:1", "proxy", 1, "Basic dTo="), ("http://u:p%40%3A@proxy:1", "proxy", 1, "Basic dTpwQDo="),
        ("http://u:p@ss@proxy:1", "proxy", 1, "Basic dTpwQHNz"),
    ]) func itIsReadFromAURL(text: String, host: String, port: Int, authorization: String?) throws {
        let proxy = try #require(Proxy(text))
        #expect(proxy.host == host)
        #expect(Int(proxy.port) == port)
        #expect(proxy.authorization == authorization)
    }

    @Test(arguments: [
        "", "http://", "https://proxy:3128", "socks5://proxy:1080", "http://proxy:0", "http://proxy:65536",
        "http://proxy:x", "http://proxy:+1", "http://proxy:", "http://pro xy:1", "http://proxy:1/path", "http://[::1",
        "http://[::1]x:1", "http://u%zz:p@proxy:1", "http://u%3A:p@proxy:1", "http://\u{7F}:1", "http://prö:1",
    ]) func anyOtherTextIsNone(text: String) { #expect(Proxy(text) == nil) }

    @Test func noDescriptionShowsTheSecret() throws {
        let proxy = try #require(Proxy("http://user:hunter2@proxy:3128"))
        let failure = ProxyFailure(proxy: proxy.description, reason: .refused(status: 407))
        let target = ClientTarget(Origin(host: "a", port: 1, isSecure: false), context: nil, proxy: proxy)
        let texts = ["\(proxy)", String(reflecting: proxy), "\(failure)", "\(ClientError.proxy(failure))", "\(target)"]
        for text in texts {
            #expect(text.contains("proxy"))
            #expect(!text.contains("hunter2"))
            #expect(!text.contains("dXNlcjpodW50ZXIy"))
        }
    }
}

@Suite struct ProxyRulesTests {
    private static let secure = Origin(host: "api.example.com", port: 443, isSecure: true)
    private static let plain = Origin(host: "api.example.com", port: 80, isSecure: false)

    struct Choice: Sendable {
        let environment: [String: String]
        let secure: String?
        let plain: String?

        init(_ environment: [String: String], secure: String? = nil, plain: String? = nil) {
            self.environment = environment
            self.secure = secure
            self.plain = plain
        }
    }

    static let choices: [Choice] = [
        Choice(["HTTPS_PROXY": "http://a:1"], secure: "http://a:1"),
        Choice(["https_proxy": "http://a:1"], secure: "http://a:1"),
        Choice(["https_proxy": "http://a:1", "HTTPS_PROXY": "http://b:1"], secure: "http://a:1"),
        Choice(["https_proxy": "", "HTTPS_PROXY": "http://b:1"], secure: "http://b:1"),
        Choice(["http_proxy": "http://a:1"], plain: "http://a:1"),
        // A client can set it in the environment of a CGI program.
        Choice(["HTTP_PROXY": "http://a:1"]),
        Choice(["HTTPS_PROXY": "http://a:1", "NO_PROXY": "example.com"]),
        Choice(["HTTPS_PROXY": "http://a:1", "no_proxy": "*"]),
        Choice(["HTTPS_PROXY": "http://a:1", "no_proxy": "other", "NO_PROXY": "*"], secure: "http://a:1"),
        Choice([:]),
    ]

    @Test(arguments: choices) func theVariablesDecide(choice: Choice) throws {
        let rules = try ProxyRules(environment: choice.environment)
        #expect(rules.proxy(for: Self.secure)?.description == choice.secure)
        #expect(rules.proxy(for: Self.plain)?.description == choice.plain)
    }

    @Test func aConfiguredProxyIsUsedInTheirPlace() throws {
        let rules = try ProxyRules(environment: ["HTTPS_PROXY": "http://a:1", "NO_PROXY": "internal"])
        let configured = Proxy("http://b:2")
        #expect(rules.proxy(for: Self.plain, configured: configured) == configured)
        let exception = Origin(host: "internal", port: 443, isSecure: true)
        #expect(rules.proxy(for: exception, configured: configured) == nil)
    }

    @Test(arguments: ["HTTPS_PROXY", "https_proxy", "http_proxy"]) func aVariableThatIsNoProxyIsNamed(name: String) {
        #expect(throws: ProxyRules.InvalidVariable(name: name)) {
            try ProxyRules(environment: [name: "socks5://user:secret@host:1"])
        }
    }

    static let exceptions: [(String, UInt16, String, Bool)] = [
        ("api.example.com", 443, "api.example.com", true), ("api.example.com", 443, "example.com", true),
        ("api.example.com", 443, ".example.com", true), ("api.example.com", 443, "*.example.com", true),
        ("example.com", 443, ".example.com", true), ("badexample.com", 443, "example.com", false),
        ("API.Example.COM", 443, "api.EXAMPLE.com", true), ("api.example.com.", 443, "example.com", true),
        ("api.example.com", 443, "a, b example.com", true), ("api.example.com", 443, "a,b", false),
        ("api.example.com", 8443, "example.com:8443", true), ("api.example.com", 443, "example.com:8443", false),
        ("10.1.2.3", 443, "10.0.0.0/8", true), ("11.1.2.3", 443, "10.0.0.0/8", false),
        ("10.1.2.3", 443, "10.1.2.3", true), ("10.1.2.3", 443, "10.1.2.3:443", true),
        ("10.1.2.3", 443, "10.1.2.3:80", false), ("fd00::1", 443, "fd00::/8", true),
        ("fd00::1", 443, "[fd00::1]:443", true), ("api.example.com", 443, "*", true),
        ("api.example.com", 443, "", false), ("api.example.com", 443, ", ,", false),
        ("api.example.com", 443, ".,*.,[", false),
        // A proxy has another loopback.
        ("localhost", 443, "", true), ("127.0.0.1", 443, "", true), ("127.8.8.8", 80, "", true), ("::1", 80, "", true),
        ("localhost.example.com", 80, "", false),
    ]

    @Test(arguments: exceptions) func exceptionsAreConnectedToDirectly(
        host: String, port: UInt16, list: String, isException: Bool
    ) {
        let origin = Origin(host: host, port: port, isSecure: true)
        #expect(ProxyExceptions(list).contains(origin) == isException)
    }
}
