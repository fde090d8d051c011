import Settings
import Testing

@Suite struct UpstreamTests {
    private static let key = "upstream-key"

    @Test func everyMemberIsRead() throws {
        let (configuration, _) = try load(
            """
            upstream:
              base_url: http://127.0.0.1:9/llm/v1
              api_keys: [upstream-key-1, "${K}", upstream-key-3]
              native_apis: [messages, responses]
              tier: tier-1
              connect_timeout: 1s
              first_byte_timeout: 2s
              idle_timeout: 3s
              max_connections: 4
              max_connection_age: 5s
              proxy: http://u:p@proxy:3128
              retries: 0
              ca_file: /ca.pem
            """, environment: ["K": "upstream-key-2"])
        let upstream = configuration.upstream
        #expect(upstream.baseURL.text == "http://127.0.0.1:9/llm/v1")
        #expect(upstream.nativeAPIs == [.messages, .responses])
        #expect(upstream.tier == "tier-1")
        #expect(upstream.apiKeys == ["upstream-key-1", "upstream-key-2", "upstream-key-3"].map(Secret.init))
        #expect(upstream.connectTimeout == .seconds(1))
        #expect(upstream.firstByteTimeout == .seconds(2))
        #expect(upstream.idleTimeout == .seconds(3))
        #expect(upstream.maxConnections == 4)
        #expect(upstream.maxConnectionAge == .seconds(5))
        #expect(upstream.proxy == Secret("http://u:p@proxy:3128"))
        #expect(upstream.retries == 0)
        #expect(upstream.caFile == "/ca.pem")
    }

    @Test func theVendorIsTheDefault() throws {
        #expect(try load("").0.upstream.baseURL.text == "https://api.ai.cloud-temple.com/v1")
    }

    @Test func theVendorsVariableMayBeMissingButNoOther() throws {
        for text in [
            "upstream: {api_keys: [\"${LLMAAS_API_KEY}\"]}", "upstream: {api_keys: \"${LLMAAS_API_KEY}\"}",
            "upstream: {}",
        ] {
            #expect(try load(text).0.upstream.apiKeys.isEmpty)
            #expect(try load(text, environment: ["LLMAAS_API_KEY": ""]).0.upstream.apiKeys.isEmpty)
            #expect(try load(text, environment: ["LLMAAS_API_KEY": Self.key]).0.upstream.apiKeys == [Secret(Self.key)])
        }
        #expect(places("upstream:\n  api_keys: [\"\", \"${OTHER_KEY}\"]\n") == ["2:18 upstream.api_keys[1]"])
        #expect(places("data: ${LLMAAS_API_KEY}\n") == ["1:7 data"])
    }

    @Test func keysMayBeFiles() throws {
        let (configuration, _) = try load("upstream: {api_keys: \"${file:/k}\"}", files: ["/k": "\(Self.key)\n"])
        #expect(configuration.upstream.apiKeys == [Secret(Self.key)])
    }

    /// A short key could not be masked in responses without masking words.
    @Test func keysThatCouldBeWordsAreRefusedAndNotRepeated() throws {
        let text = """
            upstream:
              api_keys: [swordfish-1, swordfish-22]
              fallbacks: [{ base_url: "https://b.example/v1", api_keys: [swordfish-3] }]
            """
        let found = issues(text)
        #expect(found.map(\.path) == ["upstream.api_keys[0]", "upstream.fallbacks[0].api_keys[0]"])
        #expect(found.allSatisfy { $0.description.contains("fewer than 12 characters") })
        #expect(!"\(found)".contains("swordfish"))
        #expect(try load("upstream: {api_keys: 123456789012}").0.upstream.apiKeys == [Secret("123456789012")])
    }

    @Test func emptyListMeansNoKeyWhateverTheEnvironment() throws {
        #expect(
            try load("upstream: {api_keys: []}", environment: ["LLMAAS_API_KEY": Self.key]).0.upstream.apiKeys.isEmpty)
    }

    @Test(arguments: [
        "http://proxy", "http://proxy:3128/", "HTTP://[::1]:1", "http://u@p:1", "http://u:%40@p:1",
    ])
    func proxiesAreHTTPURLs(text: String) { #expect(places("upstream: { proxy: \"\(text)\" }\n").isEmpty) }

    @Test(arguments: [
        "proxy:3128", "https://proxy:3128", "socks5://proxy:1", "http://proxy:1/path", "http://proxy:0", "http://",
        "http://u:hunter2@", "http://u:hunter2/@p:1", "http://u:hunter2%@p:1", "http://u%3A:hunter2@p:1",
        "http://u:hunter2@p:1?q",
    ])
    func anyOtherProxyIsAnErrorThatDoesNotRepeatIt(text: String) {
        let found = issues("upstream: { proxy: \"\(text)\" }\n")
        #expect(found.map(\.path) == ["upstream.proxy"])
        #expect(!"\(found)".contains("hunter2"))
    }

    @Test(arguments: [
        ("base_url: ftp://a", 13), ("base_url: https://a:b@c", 13), ("connect_timeout: 0s", 20),
        ("first_byte_timeout: 0s", 23),
        ("max_connection_age: 0s", 23), ("idle_timeout: 0s", 17), ("max_connections: 0", 20), ("retries: 11", 12),
        ("tier: tier-9", 9),
        ("api_keys: [a b]", 14),
    ])
    func impossibleValuesAreErrors(member: String, column: Int) {
        let name = member.prefix { $0 != ":" }
        let path = name == "api_keys" ? "api_keys[0]" : String(name)
        #expect(places("upstream:\n  \(member)\n") == ["2:\(column) upstream.\(path)"])
    }
}
