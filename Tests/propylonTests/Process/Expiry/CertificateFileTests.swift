import Clocks
import Policy
import Settings
import Testing
import Transport

@testable import propylon

@Suite struct CertificateFileTests {
    private let certificates = TestCertificates(folder: try! TemporaryFolder())
    private let start = Timestamp.now

    private func after(_ days: Double) -> Timestamp { start + .seconds(days * 86_400) }

    @Test func aListenerHasItsCertificateAndItsAuthorities() throws {
        try certificates.make("own")
        let authority = try certificates.make("clients")
        let files = try certificates.listenerFiles("own", clientCA: authority)
        #expect(files.map(\.use) == [.certificate, .clientCA])
        #expect(files.map(\.owner) == ["127.0.0.1:8443", "127.0.0.1:8443"])
        #expect(files.map(\.path) == [certificates.certificate("own"), authority])
        #expect(files.map { $0.certificates.map(\.name) } == [["CN=own"], ["CN=clients"]])
        #expect(CertificateFile.files(of: ListenAddress(host: "127.0.0.1", port: 1), nil).isEmpty)
        #expect(CertificateFile.files(ofUpstream: nil, nil).isEmpty)
    }

    @Test func warningsFollowTheTime() throws {
        let path = try certificates.make("own")
        let file = try #require(try certificates.listenerFiles("own").first)
        let end = try #require(file.certificates.first?.validUntil)
        func warnings(_ days: Double) -> [String] { file.warnings(at: after(days), .paris).map(\.message) }
        let local = TimeText.paris.string(end)
        #expect(!local.hasSuffix("Z"))
        #expect(warnings(8.9).isEmpty)
        #expect(warnings(9.1) == ["the certificate in \(path) (CN=own) expires on \(local); renew it"])
        #expect(file.warnings(at: after(29.9), .paris).map(\.isFault) == [false])
        #expect(file.warnings(at: end, .paris).map(\.isFault) == [true])
        #expect(warnings(30.1) == ["the certificate in \(path) (CN=own) has expired on \(local); renew it"])
        #expect(warnings(9999).count == 1)
        #expect(warnings(-1).first?.contains("is not valid before") == true)
        #expect(file.warnings(at: after(-1), .paris).map(\.isFault) == [false])
    }

    /// An authority that has ended may stay in the file beside its successor.
    @Test func authoritiesHaveEndedWhenTheLastHas() throws {
        try certificates.make("old", days: 10)
        try certificates.make("new", days: 40)
        let file = try #require(
            try certificates.upstreamFiles(certificates.bundle("old", "new", as: "both.pem")).first)
        #expect(file.first(at: start)?.name == "CN=old")
        #expect(file.first(at: after(10.1))?.name == "CN=new")
        #expect(file.first(at: after(40.1))?.name == "CN=new")
        #expect(file.warnings(at: after(10.1), .paris).map(\.isFault) == [false])
        #expect(file.warnings(at: after(40.1), .paris).map(\.isFault) == [true, true])
        #expect(file.notices(at: after(10.1)).map(\.event.kind) == [.certificateExpired])
        #expect(file.notices(at: after(35)).map(\.notice.days).sorted() == [0, 7])
    }

    /// Of the certificates that a server sends, each has to be valid.
    @Test func aChainEndsWithItsFirst() throws {
        try certificates.make("old", days: 10)
        try certificates.make("new", days: 40)
        let chain = try certificates.bundle("new", "old", as: "chain.pem")
        let context = try TLSContext.server(
            certificateFile: chain, keyFile: certificates.key("new"), clientCAFile: nil)
        let address = ListenAddress(
            host: "127.0.0.1", port: 1, tls: .init(certificate: chain, key: certificates.key("new")))
        let file = try #require(CertificateFile.files(of: address, context).first)
        #expect(file.first(at: after(20))?.name == "CN=old")
        #expect(file.warnings(at: after(10.1), .paris).map(\.isFault) == [true])
    }
}
