import Glibc
import Testing

@testable import Transport

@Suite struct TLSContextTests {
    private let files = TestAuthority.shared

    /// The message of the configuration error that `make` throws.
    private func complaint(_ make: () throws(TLSError) -> TLSContext) -> String? {
        do throws(TLSError) {
            _ = try make()
            return nil
        } catch {
            guard case .configuration(let message) = error else { return nil }
            return message
        }
    }

    @Test func missingFilesAreNamed() throws {
        let missing = files.folder + "/missing.pem"
        let client = try #require(complaint { () throws(TLSError) in try .client(caFile: missing) })
        #expect(client.contains(missing))
        #expect(client.contains("No such file"))

        let certificate = try #require(
            complaint { () throws(TLSError) in
                try .server(certificateFile: missing, keyFile: files.key("server"), clientCAFile: nil)
            })
        #expect(certificate.contains(missing))
        #expect(certificate.contains("No such file"))

        let key = try #require(
            complaint { () throws(TLSError) in
                try .server(certificateFile: files.certificate("server"), keyFile: missing, clientCAFile: nil)
            })
        #expect(key.contains(missing))
        #expect(key.contains("No such file"))

        let clientCA = try #require(
            complaint { () throws(TLSError) in
                try .server(
                    certificateFile: files.certificate("server"), keyFile: files.key("server"), clientCAFile: missing)
            })
        #expect(clientCA.contains(missing))
        #expect(clientCA.contains("No such file"))
    }

    @Test func filesThatAreNoCertificatesAreRefused() throws {
        let garbage = files.certificate("garbage")
        #expect(try #require(complaint { () throws(TLSError) in try .client(caFile: garbage) }).contains(garbage))
        #expect(
            try #require(
                complaint { () throws(TLSError) in
                    try .server(certificateFile: garbage, keyFile: files.key("server"), clientCAFile: nil)
                }
            ).contains(garbage))
        #expect(
            try #require(
                complaint { () throws(TLSError) in
                    try .server(certificateFile: files.certificate("server"), keyFile: garbage, clientCAFile: nil)
                }
            ).contains(garbage))
    }

    @Test func keyOfAnotherCertificateIsRefused() throws {
        let message = try #require(
            complaint { () throws(TLSError) in
                try .server(
                    certificateFile: files.certificate("server"), keyFile: files.key("client"), clientCAFile: nil)
            })
        #expect(message.contains("does not belong"))
        #expect(message.contains(files.key("client")))
        #expect(message.contains(files.certificate("server")))
    }

    @Test func encryptedKeyIsRefusedWithoutAsking() throws {
        let message = try #require(
            complaint { () throws(TLSError) in
                try .server(
                    certificateFile: files.certificate("server"), keyFile: files.key("encrypted"), clientCAFile: nil)
            })
        #expect(message.contains("is encrypted"))
        #expect(message.contains(files.key("encrypted")))
    }

    @Test func aFailureLeavesNothingForTheNext() throws {
        _ = complaint { () throws(TLSError) in try .client(caFile: files.folder + "/missing.pem") }
        _ = try TLSContext.testClient()
        try TestPeers(client: .testClient(), server: .testServer()).connect()
    }

    @Test func aPeerThatIsGoneIsAnErrorAndNotASignal() throws {
        let peers = try TestPeers(client: .testClient(), server: .testServer())
        try peers.connect()
        peers.descriptors.closeSecond()
        #expect(throws: TLSError.system(errno: EPIPE)) {
            try Steps.write([1], to: peers.client, on: peers.descriptors.first)
        }
    }
}
