import Clocks
import Testing

@testable import Transport

@Suite struct TLSCertificateTests {
    private static let files = TestAuthority.shared

    private func certificate(_ name: String) throws -> TLSCertificate {
        let context = try TLSContext.server(
            certificateFile: Self.files.certificate(name), keyFile: Self.files.key(name), clientCAFile: nil)
        return try #require(context.certificate)
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

    @Test func aClientHasNone() throws {
        #expect(try TLSContext.client(caFile: Self.files.authority).certificate == nil)
    }
}
