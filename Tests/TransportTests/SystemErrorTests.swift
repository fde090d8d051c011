import Glibc
import Testing
import Transport

@Suite struct SystemErrorTests {
    @Test func itNamesTheCallAndTheReason() {
        #expect(SystemError("connect", ECONNREFUSED).description == "connect: Connection refused")
    }

    @Test func connectErrorsNameTheHostOrTheCause() {
        #expect(
            ConnectError.unknownHost("nowhere", "no address").description
                == "the host nowhere cannot be resolved: no address")
        #expect(ConnectError.refused(SystemError("connect", ECONNREFUSED)).description == "connect: Connection refused")
        #expect(ConnectError.timedOut.description == "no answer in time")
        #expect(ConnectError.system(SystemError("socket", EMFILE)).description == "socket: Too many open files")
    }

    @Test func streamErrorsNameTheirCause() {
        #expect(StreamError.broken(SystemError("recv", ECONNRESET)).description == "recv: Connection reset by peer")
        #expect(StreamError.tls(.closed).description == TLSError.closed.message)
        #expect(StreamError.timedOut.description == "no progress in time")
        #expect(StreamError.interrupted.description == "interrupted")
    }
}
