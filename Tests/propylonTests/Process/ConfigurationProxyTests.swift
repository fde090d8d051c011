import HTTPClient
import Testing

@testable import propylon

@Suite struct ConfigurationProxyTests {
    private static let upstream = Origin(host: "api.example.com", port: 443, isSecure: true)
    private static let hook = Origin(host: "hooks.internal", port: 443, isSecure: true)

    @Test func theConfiguredProxyComesFirst() throws {
        let settings = try configuration("upstream: { proxy: \"http://a:1\" }\n")
        let environment = ["HTTPS_PROXY": "http://b:1", "NO_PROXY": "example.com,internal"]
        #expect(try settings.upstreamProxy(for: Self.upstream, environment)?.description == "http://a:1")
        #expect(try settings.webhookProxy(for: Self.upstream, ["NO_PROXY": ""])?.description == "http://a:1")
        #expect(try settings.webhookProxy(for: Self.hook, environment) == nil)
    }

    @Test func theEnvironmentsIsUsedElse() throws {
        let settings = try configuration("")
        let environment = ["HTTPS_PROXY": "http://b:1", "NO_PROXY": "internal"]
        #expect(try settings.upstreamProxy(for: Self.upstream, environment)?.description == "http://b:1")
        #expect(try settings.webhookProxy(for: Self.hook, environment) == nil)
        #expect(try settings.upstreamProxy(for: Self.upstream, [:]) == nil)
    }

    @Test func aVariableThatIsNoProxyStopsTheStartWithoutItsValue() throws {
        let error = try #require(throws: StartError.self) {
            try configuration("").upstreamProxy(for: Self.upstream, ["HTTPS_PROXY": "socks5://u:hunter2@p:1"])
        }
        #expect("\(error)".contains("HTTPS_PROXY"))
        #expect(!"\(error)".contains("hunter2"))
    }
}
