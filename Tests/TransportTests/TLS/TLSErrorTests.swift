import Glibc
import Testing
import Transport

@Suite struct TLSErrorTests {
    @Test func messagesSayWhat() {
        #expect(
            TLSError.certificate("that of a.test is not acceptable").message.contains(
                "that of a.test is not acceptable"))
        #expect(TLSError.handshake("no common version").message == "TLS handshake failed: no common version")
        #expect(TLSError.configuration("the key file k.pem").message.contains("the key file k.pem"))
        #expect(TLSError.closed.message.contains("close_notify"))
        #expect(TLSError.system(errno: ECONNRESET).message.contains("Connection reset by peer (errno \(ECONNRESET))"))
        #expect(TLSError.protocolViolation("bad record mac").message.contains("bad record mac"))
    }
}
