import Clocks
import Foundation
import Testing

@testable import Transport

@Suite struct TLSCertificateTests {
    private static let files = TestAuthority.shared

    private func context(_ name: String, certificate: String? = nil, clientCA: String? = nil) throws -> TLSContext {
        try TLSContext.server(
            certificateFile: certificate ?? Self.files.certificate(name), keyFile: Self.files.key(name),
            clientCAFile: clientCA)
    }

    private func certificate(_ name: String) throws -> TLSCertificate {
        let certificates = try context(name).certificates
        #expect(certificates.count == 1)
        return try #require(certificates.first)
    }

    /// The file of these PEM files, one after the other.
    private func bundle(_ parts: [String]) throws -> String {
        let path = "\(Self.files.folder)/bundle-\(UUID().uuidString).pem"
        try parts.map { try String(contentsOfFile: $0, encoding: .utf8) }.joined()
            .write(toFile: path, atomically: false, encoding: .utf8)
        return path
    }

    @Test func theValidityIsThatOfTheCertificate() throws {
        let server = try certificate("server")
        #expect(server.validFrom <= .now)
        #expect(server.validUntil.seconds - server.validFrom.seconds == 2 * 86_400)
        let expired = try certificate("expired")
        #expect(expired.validUntil == expired.validFrom)
    }

    @Test func anotherCertificateHasAnotherFingerprint() throws {
        let server = try certificate("server")
        #expect(try certificate("server") == server)
        #expect(try certificate("client").fingerprint != server.fingerprint)
        #expect(server.fingerprint.count == 32)
    }

    @Test func aChainIsReadAsAWhole() throws {
        let chain = try bundle([Self.files.certificate("server"), Self.files.authority])
        let certificates = try context("server", certificate: chain).certificates
        #expect(certificates.map(\.name) == ["CN=gateway.test", "CN=ca"])
        #expect(certificates.first == (try certificate("server")))
    }

    @Test func theAuthoritiesAreThoseOfTheFile() throws {
        let two = try bundle([Self.files.authority, Self.files.otherAuthority])
        #expect(try TLSContext.client(caFile: two).authorities.map(\.name).sorted() == ["CN=ca", "CN=other-ca"])
        let server = try context("server", clientCA: Self.files.otherAuthority)
        #expect(server.authorities.map(\.name) == ["CN=other-ca"])
        #expect(server.certificates.map(\.name) == ["CN=gateway.test"])
        #expect(try context("server").authorities.isEmpty)
    }

    @Test func aClientHasNoneOfItsOwn() throws {
        #expect(try TLSContext.client(caFile: Self.files.authority).certificates.isEmpty)
    }

    /// Whatever a file says goes into logs and terminals.
    @Test(
        arguments: [
            ("/CN=a\u{1B}[31m\nb/O=Caf\u{E9}", #"O=Caf\C3\A9,CN=a\1B[31m\0Ab"#),
            (
                "/CN=" + String(repeating: "x", count: 64)
                    + String(repeating: "/OU=" + String(repeating: "y", count: 64), count: 4),
                nil
            ),
        ] as [(String, String?)])
    func namesArePrintableAndShort(subject: String, expected: String?) throws {
        let files = try Self.files.selfSigned(subject: subject)
        let certificates = try TLSContext.client(caFile: files).authorities
        let name = try #require(certificates.first?.name)
        #expect(name.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F })
        #expect(name.utf8.count <= TLSCertificate.nameLimit)
        if let expected { #expect(name == expected) } else { #expect(name.utf8.count == TLSCertificate.nameLimit) }
    }

    @Test func aCertificateWithoutASubjectHasItsFingerprint() throws {
        let certificates = try TLSContext.client(caFile: Self.files.selfSigned(subject: "/")).authorities
        let name = try #require(certificates.first?.name)
        #expect(name.hasPrefix("SHA-256 "))
        #expect(name.utf8.count == 24)
    }
}
