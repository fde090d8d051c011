import Glibc
import Testing

@testable import Transport

/// Who is believed, and who is not.
@Suite struct TLSHandshakeTests {
    private let files = TestAuthority.shared

    /// Why the client refuses the server, after a handshake that must fail there.
    private func refusal(
        server: String = "server", name: String = "gateway.test", caFile: String? = TestAuthority.shared.authority
    ) throws -> String {
        let peers = try TestPeers(client: .testClient(caFile: caFile), server: .testServer(server), name: name)
        let outcome = try peers.handshake()
        guard case .failure(.certificate(let reason)) = outcome.client else {
            Issue.record("the client's handshake came out as \(outcome.client)")
            return ""
        }
        // The server is told by an alert.
        guard case .failure(.handshake) = outcome.server else {
            Issue.record("the server's handshake came out as \(outcome.server)")
            return ""
        }
        // An error is final.
        #expect(throws: TLSError.certificate(reason)) { try [UInt8].readOnce(from: peers.client) }
        return reason
    }

    @Test(arguments: ["gateway.test", "GATEWAY.test", "gateway.test.", "a.wild.test", "127.0.0.1", "::1", "[::1]"])
    func namesOfTheCertificateAreAccepted(name: String) throws {
        let peers = try TestPeers(client: .testClient(), server: .testServer(), name: name, over: .loopback())
        try peers.connect()
        #expect(peers.client.negotiatedVersion == "TLSv1.3")
        #expect(peers.server.negotiatedVersion == "TLSv1.3")
        #expect(!peers.client.isResumed)
    }

    @Test(arguments: [
        "other.test", "wild.test", "a.b.wild.test", "gateway.test.evil.test", "127.0.0.2", "::2", "[127.0.0.2]",
    ])
    func otherNamesAreRefused(name: String) throws {
        let reason = try refusal(name: name)
        #expect(reason.contains("mismatch"))
        #expect(reason.contains(name.filter { $0 != "[" && $0 != "]" }))
    }

    @Test func theSubjectIsNoName() throws {
        #expect(try refusal(server: "no-names").contains("hostname mismatch"))
    }

    @Test func expiredCertificatesAreRefused() throws {
        #expect(try refusal(server: "expired").contains("certificate has expired"))
    }

    @Test func selfSignedCertificatesAreRefused() throws {
        let reason = try refusal(server: "self-signed")
        #expect(reason.contains("self-signed"))
        #expect(reason.contains("ca_file"))
    }

    @Test func otherAuthoritiesAreRefused() throws {
        #expect(try refusal(caFile: files.otherAuthority).contains("ca_file"))
    }

    @Test func theSystemTrustsNoTestAuthority() throws {
        #expect(try refusal(caFile: nil).contains("ca_file"))
    }

    @Test func certificatesForClientsAreNoServerCertificates() throws {
        #expect(try refusal(server: "client").contains("purpose"))
    }

    @Test(arguments: ["", ".", "a\0.test", String(repeating: "a", count: 300)])
    func namesThatCannotBeVerifiedAreRefused(name: String) throws {
        let peers = try TestPeers(client: .testClient(), server: .testServer(), name: name)
        #expect(throws: TLSError.self) { try peers.client.handshake() }
        do throws(TLSError) {
            _ = try peers.client.handshake()
        } catch {
            guard case .configuration = error else {
                Issue.record("\(error)")
                return
            }
        }
    }

    @Test func clientsWithoutCertificateAreRefusedWhereOneIsDemanded() throws {
        let peers = try TestPeers(client: .testClient(), server: .testServer(clientCAFile: files.authority))
        let outcome = try peers.handshake()
        guard case .failure(.certificate(let reason)) = outcome.server else {
            Issue.record("the server's handshake came out as \(outcome.server)")
            return
        }
        #expect(reason.contains("client"))
        // In TLS 1.3 the client learns it after its own handshake.
        #expect(outcome.client == .success(.done(0)))
        do throws(TLSError) {
            _ = try [UInt8].readOnce(from: peers.client)
            Issue.record("the client was not told")
        } catch {
            guard case .protocolViolation(let reason) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(reason.contains("certificate required"))
        }
    }

    @Test func whoSpeaksPlainHTTPIsNoticedByEitherEnd() throws {
        let descriptors = TestDescriptors.socketPair()
        let request = Array("GET / HTTP/1.1\r\nhost: gateway.test\r\n\r\n".utf8)
        for (role, session) in [
            ("server", TLSSession(try .testServer(), descriptor: descriptors.second, serverName: nil)),
            ("client", TLSSession(try .testClient(), descriptor: descriptors.second, serverName: "gateway.test")),
        ] {
            #expect(write(descriptors.first, request, request.count) == request.count)
            do throws(TLSError) {
                for _ in 0..<2 { _ = try session.handshake() }
                Issue.record("the \(role) noticed nothing")
            } catch {
                guard case .handshake(let reason) = error else {
                    Issue.record("\(error)")
                    continue
                }
                #expect(reason.contains("does not speak TLS"), "\(role)")
            }
        }
    }

    @Test func anEndInTheHandshakeIsAFailedHandshake() throws {
        let peers = try TestPeers(client: .testClient(), server: .testServer())
        #expect(try peers.server.handshake() == .wantsRead)
        peers.descriptors.closeFirst()
        do throws(TLSError) {
            _ = try peers.server.handshake()
            Issue.record("the end went unnoticed")
        } catch {
            guard case .handshake(let reason) = error else {
                Issue.record("\(error)")
                return
            }
            #expect(reason.contains("closed"))
        }
    }

    @Test func nothingIsDoneBeforeThePeerAnswers() throws {
        let peers = try TestPeers(client: .testClient(), server: .testServer())
        #expect(try peers.server.handshake() == .wantsRead)
        #expect(try peers.client.handshake() == .wantsRead)
        #expect(try peers.client.handshake() == .wantsRead)
        #expect(peers.server.bytesWrittenToDescriptor == 0)
        #expect(try peers.server.sendCloseNotify() == .done(0))
    }
}
