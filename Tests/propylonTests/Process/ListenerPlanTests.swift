import Settings
import Testing
import Transport

@testable import propylon

/// The plan of a start. `ReloadTests` and `test_reload.py` show those of reloads.
@Suite struct ListenerPlanTests {
    @Test func urlsHaveTheChosenPort() throws {
        let listeners = try ListenerPlan([
            ListenAddress(host: "127.0.0.1", port: 0), ListenAddress(host: "localhost", port: 0),
        ])
        #expect(listeners.urls.count == 2)
        for url in listeners.urls {
            #expect(url.hasPrefix("http://127.0.0.1:"))
            #expect(!url.hasSuffix(":0"))
        }
        #expect(listeners.urls[0] != listeners.urls[1])
    }

    @Test func anAddressInUseIsAnError() throws {
        let first = try ListenerPlan([ListenAddress(host: "127.0.0.1", port: 0)])
        let port = try #require(Int(first.urls[0].split(separator: ":").last ?? ""))
        #expect(throws: SystemError.self) { try ListenerPlan([ListenAddress(host: "127.0.0.1", port: port)]) }
        withExtendedLifetime(first) {}
    }

    @Test(arguments: ["gateway.example", "1.2.3", "256.0.0.1"]) func namesAreNotLookedUp(host: String) {
        #expect {
            try ListenerPlan([ListenAddress(host: host, port: 80)])
        } throws: { error in
            "\(error)".hasPrefix("\(host):80 is not an IP address")
        }
    }

    @Test func aMissingCertificateIsAnError() {
        let tls = ListenAddress.TLS(certificate: "/none.pem", key: "/none.key")
        #expect(throws: TLSError.self) { try ListenerPlan([ListenAddress(host: "127.0.0.1", port: 0, tls: tls)]) }
    }
}
