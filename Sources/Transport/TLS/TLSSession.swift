import COpenSSL
import Glibc

/// One end of a TLS connection over a non-blocking descriptor, which it does not own. One task at a time uses it.
///
/// Each step does what is possible now and returns what to wait for. An error is final: every later step throws it again.
package final class TLSSession {
    private let context: TLSContext
    private let ssl: OpaquePointer
    /// The name that the certificate has to be for, without brackets or final dot; nil at a server.
    private let serverName: String?
    private var failure: TLSError?
    // OpenSSL's own flag is reset by a failure.
    private var isEstablished = false
    /// The content bytes of a record that the descriptor has accepted only in part; 0 if there is none.
    private var unfinishedCount = 0
    private var hasSentCloseNotify = false

    /// Prepares a connection. `handshake` establishes it.
    ///
    /// - Parameters:
    ///   - descriptor: connected and non-blocking. It must outlive the session.
    ///   - serverName: the server's host name or IP address, an IPv6 address with or without brackets. A client must give
    ///     it: the certificate has to be for it (RFC 9525, RFC 9110 section 4.3.4), and a host name is sent as SNI. An
    ///     unusable name makes `handshake` throw `TLSError.configuration`. A server ignores it.
    package init(_ context: TLSContext, descriptor: Int32, serverName: String?) {
        OpenSSLErrorQueue.clear()
        guard let ssl = SSL_new(context.pointer) else { fatalError("out of memory for a TLS connection") }
        self.context = context
        self.ssl = ssl
        guard SSL_set_fd(ssl, descriptor) == 1 else { fatalError("out of memory for a TLS connection") }
        switch context.role {
        case .server:
            self.serverName = nil
            SSL_set_accept_state(ssl)
        case .client(let resumable):
            guard let serverName else { preconditionFailure("a TLS client needs the name of its server, to verify it") }
            let name = TLSServerName.bare(serverName)
            self.serverName = name
            SSL_set_connect_state(ssl)
            SSL_set_ex_data(ssl, Self.ownerIndex, Unmanaged.passUnretained(self).toOpaque())
            if !TLSServerName.require(name, on: ssl) {
                failure = .configuration("\"\(serverName)\" is no host name or IP address that TLS can verify")
            } else if let session = resumable.take(for: name)?.copy() {
                SSL_set_session(ssl, session.pointer)
            }
        }
    }

    deinit { SSL_free(ssl) }

    // MARK: Steps

    /// Continues the handshake. `done(0)` when it is complete; a client has then verified the server.
    package func handshake() throws(TLSError) -> TLSStep {
        try begin()
        let result = SSL_do_handshake(ssl)
        guard result == 1 else { return try unfinished(result, errno) }
        isEstablished = true
        return .done(0)
    }

    /// Reads at most `buffer.count` bytes of content, all from one record.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(TLSError) -> TLSStep {
        try begin()
        var count = 0
        let result = SSL_read_ex(ssl, buffer.baseAddress, buffer.count, &count)
        return result == 1 ? .done(count) : try unfinished(result, errno)
    }

    /// Writes the first bytes of `bytes`, at most one record (16 KiB) of them.
    ///
    /// After `wantsWrite` a record is unfinished. The next write must begin with the same bytes; their address may differ, and
    /// more bytes may follow.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(TLSError) -> TLSStep {
        if bytes.isEmpty { return .done(0) }
        precondition(bytes.count >= unfinishedCount, "an unfinished TLS write was followed by other bytes")
        try begin()
        // Repeat with the same count: with more bytes OpenSSL would begin a second record, and report the first only when
        // both are complete.
        let attempted = unfinishedCount > 0 ? unfinishedCount : min(bytes.count, Int(SSL3_RT_MAX_PLAIN_LENGTH))
        var count = 0
        let result = SSL_write_ex(ssl, bytes.baseAddress, attempted, &count)
        guard result == 1 else {
            let step = try unfinished(result, errno)
            unfinishedCount = step == .wantsWrite ? attempted : 0
            return step
        }
        unfinishedCount = 0
        return .done(count)
    }

    /// Tells the peer that this end has finished sending. Reading continues.
    ///
    /// - Returns: `done(0)` when `close_notify` is sent, or if there is nothing to end since no handshake was completed.
    ///   `wantsWrite` also while a write is unfinished: finish it first, or the peer sees a truncation.
    package func sendCloseNotify() throws(TLSError) -> TLSStep {
        try begin()
        if hasSentCloseNotify || !isEstablished { return .done(0) }
        if unfinishedCount > 0 { return .wantsWrite }
        let result = SSL_shutdown(ssl)
        guard result >= 0 else { return try unfinished(result, errno) }
        hasSentCloseNotify = true
        return .done(0)
    }

    // MARK: State

    /// The number of bytes written to the descriptor: whole records, handshake included.
    package var bytesWrittenToDescriptor: UInt64 { BIO_number_written(SSL_get_wbio(ssl)) }

    /// True while the session holds bytes that no read has returned: content, or the beginning of a record.
    ///
    /// Try a read then, although the descriptor may not be readable. It can return `wantsRead`.
    package var hasPendingPlaintext: Bool { SSL_has_pending(ssl) == 1 }

    /// True when the handshake resumed an earlier session.
    package var isResumed: Bool { SSL_session_reused(ssl) == 1 }

    /// The protocol version after the handshake: `TLSv1.3` or `TLSv1.2`.
    package var negotiatedVersion: String { String(cString: SSL_get_version(ssl)) }

    // MARK: Failures

    private func begin() throws(TLSError) {
        if let failure { throw failure }
        OpenSSLErrorQueue.clear()
        // Not every failure sets it, and an old value would look like the reason.
        errno = 0
    }

    /// The step after a call that did not succeed. `number` is the value of `errno` directly after it.
    private func unfinished(_ result: Int32, _ number: Int32) throws(TLSError) -> TLSStep {
        let error: TLSError
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ: return .wantsRead
        case SSL_ERROR_WANT_WRITE: return .wantsWrite
        case SSL_ERROR_ZERO_RETURN: return .closed
        case SSL_ERROR_SYSCALL where number != 0: error = .system(errno: number)
        default:
            let diagnosis = TLSDiagnosis(ssl: ssl, serverName: serverName, isEstablished: isEstablished)
            error = diagnosis.error(for: OpenSSLErrorQueue.takeFirst())
        }
        failure = error
        forgetSessions(after: error)
        throw error
    }

    // MARK: Resumption

    /// OpenSSL reserves the first index for the application.
    private static let ownerIndex: Int32 = 0

    /// The session that owns `ssl`. It is alive, since OpenSSL calls back only during the session's own steps.
    static func owner(of ssl: OpaquePointer) -> TLSSession? {
        SSL_get_ex_data(ssl, ownerIndex).map { Unmanaged<TLSSession>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Stores a copy of a session that the server granted, for resumption.
    func remember(_ session: OpaquePointer) {
        guard case .client(let resumable) = context.role, let serverName else { return }
        if let copy = StoredSession(copying: session) { resumable.insert(copy, for: serverName) }
    }

    /// Removes the server's sessions after a failure of TLS itself: they are not to be trusted (RFC 8446 section 6.2).
    ///
    /// A connection that was merely cut off is no such failure.
    private func forgetSessions(after error: TLSError) {
        guard case .client(let resumable) = context.role, let serverName else { return }
        switch error {
        case .closed, .system, .configuration: return
        case .certificate, .handshake, .protocolViolation: resumable.removeAll(for: serverName)
        }
    }
}
