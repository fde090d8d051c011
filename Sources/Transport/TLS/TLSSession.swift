import COpenSSL
import Glibc

/// How far a step of a TLS connection came.
package enum TLSStep: Equatable, Sendable {
    /// It is done, and moved so many bytes of content.
    case done(Int)
    /// Repeat it when the descriptor is readable.
    case wantsRead
    /// Repeat it when the descriptor is writable; a write with at least the same bytes.
    case wantsWrite
    /// The peer sent `close_notify`: it has finished sending, and nothing is missing.
    case closed
}

/// One end of a TLS connection over a non-blocking descriptor, which it uses but does not own. One task at a time uses
/// it.
///
/// Each step does what is possible now and says what to wait for. An error is final: every later step throws it again.
package final class TLSSession {
    private let context: TLSContext
    private let ssl: OpaquePointer
    /// Whom the certificate has to name, without brackets or final dot; nil at a server.
    private let serverName: String?
    private var failure: TLSError?
    // OpenSSL's own answer becomes "no" again with a failure.
    private var isEstablished = false
    /// How many bytes are in the record that the descriptor has not taken whole; 0 where there is none.
    private var unfinishedCount = 0
    private var hasSentCloseNotify = false

    /// Prepares a connection; `handshake` makes it.
    ///
    /// - Parameters:
    ///   - descriptor: connected and non-blocking. It must outlive the session.
    ///   - serverName: the server's host name or IP address (an IPv6 one with or without brackets), which a client must
    ///     give: the certificate has to be for it (RFC 9525, RFC 9110 section 4.3.4), and a host name is sent as SNI.
    ///     Ignored at a server. One that cannot be used makes `handshake` throw `TLSError.configuration`.
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
            let name = Self.bare(serverName)
            self.serverName = name
            SSL_set_connect_state(ssl)
            SSL_set_ex_data(ssl, Self.ownerIndex, Unmanaged.passUnretained(self).toOpaque())
            if !Self.verify(name, on: ssl) {
                failure = .configuration("\"\(serverName)\" is no host name or IP address that TLS can verify")
            } else if let session = resumable.take(for: name)?.copy() {
                SSL_set_session(ssl, session.pointer)
            }
        }
    }

    deinit { SSL_free(ssl) }

    // MARK: Steps

    /// Shakes hands, as far as that goes now. `done(0)` when it is complete; a client has then verified the server.
    package func handshake() throws(TLSError) -> TLSStep {
        try begin()
        let result = SSL_do_handshake(ssl)
        guard result == 1 else { return try unfinished(result, errno) }
        isEstablished = true
        return .done(0)
    }

    /// Reads at most `buffer.count` bytes of content, which come from one record.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(TLSError) -> TLSStep {
        try begin()
        var count = 0
        let result = SSL_read_ex(ssl, buffer.baseAddress, buffer.count, &count)
        return result == 1 ? .done(count) : try unfinished(result, errno)
    }

    /// Writes the first bytes of `bytes`, at most one record (16 KiB) of them.
    ///
    /// After `wantsWrite` a record is under way: the next write must begin with the same bytes, though they may lie
    /// elsewhere and more may follow them.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(TLSError) -> TLSStep {
        if bytes.isEmpty { return .done(0) }
        precondition(bytes.count >= unfinishedCount, "an unfinished TLS write was followed by other bytes")
        try begin()
        // OpenSSL would begin a second record in a repeated write, and tell of the first only when that one is done
        // too.
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

    /// Tells the peer that this end has finished sending; reading goes on. `done(0)` when told, and where no handshake
    /// was completed, as there is nothing to end then.
    ///
    /// `wantsWrite` also where a write is unfinished: finish that first, or else leave the peer to see a truncation.
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

    /// Bytes given to the descriptor so far: records with their heads, handshake included.
    package var bytesWrittenToDescriptor: UInt64 { BIO_number_written(SSL_get_wbio(ssl)) }

    /// Whether bytes were taken from the descriptor that no read has returned: content, or the beginning of a record. A
    /// read is then worth trying although the descriptor is not readable; it may bring `wantsRead`.
    package var hasPendingPlaintext: Bool { SSL_has_pending(ssl) == 1 }

    /// Whether the handshake resumed an earlier session instead of making a new one.
    package var isResumed: Bool { SSL_session_reused(ssl) == 1 }

    /// `TLSv1.3` or `TLSv1.2`, after the handshake.
    package var negotiatedVersion: String { String(cString: SSL_get_version(ssl)) }

    // MARK: Failures

    private func begin() throws(TLSError) {
        if let failure { throw failure }
        OpenSSLErrorQueue.clear()
        // Not every failure sets it, and an old value would be taken for the reason.
        errno = 0
    }

    /// What to do after a call that did not succeed. `number` is `errno` right after it.
    private func unfinished(_ result: Int32, _ number: Int32) throws(TLSError) -> TLSStep {
        let error: TLSError
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ: return .wantsRead
        case SSL_ERROR_WANT_WRITE: return .wantsWrite
        case SSL_ERROR_ZERO_RETURN: return .closed
        case SSL_ERROR_SYSCALL where number != 0: error = .system(errno: number)
        default: error = diagnose(OpenSSLErrorQueue.take())
        }
        failure = error
        forgetSessions(after: error)
        throw error
    }

    private func diagnose(_ entry: OpenSSLErrorQueue.Entry?) -> TLSError {
        guard let entry, !entry.isTLS(SSL_R_UNEXPECTED_EOF_WHILE_READING) else {
            return isEstablished ? .closed : .handshake("the peer closed the connection before it was complete")
        }
        if entry.isTLS(SSL_R_CERTIFICATE_VERIFY_FAILED) {
            return .certificate(Self.explain(SSL_get_verify_result(ssl), of: serverName))
        }
        if entry.isTLS(SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE) {
            return .certificate("the client sent none, and this listener demands one")
        }
        if entry.isTLS(SSL_R_WRONG_VERSION_NUMBER) || entry.isTLS(SSL_R_HTTP_REQUEST) {
            return .handshake("the peer does not speak TLS (\(entry.description))")
        }
        return isEstablished ? .protocolViolation(entry.description) : .handshake(entry.description)
    }

    private static func explain(_ result: Int, of serverName: String?) -> String {
        let reason = String(cString: X509_verify_cert_error_string(result))
        guard let serverName else { return "the client's is not acceptable: \(reason)" }
        let advice =
            switch Int32(truncatingIfNeeded: result) {
            case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
                X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
                "; if its authority is to be trusted, name the authority's certificate as ca_file"
            default: ""
            }
        return "that of \(serverName) is not acceptable: \(reason)\(advice)"
    }

    // MARK: The server's name

    /// SNI and certificates have names without a final dot (RFC 6066 section 3), and addresses without brackets.
    private static func bare(_ name: String) -> String {
        if name.hasPrefix("["), name.hasSuffix("]") { return String(name.dropFirst().dropLast()) }
        return name.hasSuffix(".") ? String(name.dropLast()) : name
    }

    /// Demands a certificate for `name`. False where that is impossible: OpenSSL would take an empty name for any name.
    private static func verify(_ name: String, on ssl: OpaquePointer) -> Bool {
        guard !name.isEmpty, !name.utf8.contains(0) else { return false }
        if X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) == 1 { return true }
        SSL_set_hostflags(ssl, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT))
        return SSL_set1_host(ssl, name) == 1 && COpenSSL_setServerName(ssl, name) == 1
    }

    // MARK: Resumption

    /// OpenSSL reserves the first index for the application.
    private static let ownerIndex: Int32 = 0

    /// The session that `ssl` belongs to. OpenSSL calls back only from within the session's own steps, so it is alive.
    static func owner(of ssl: OpaquePointer) -> TLSSession? {
        SSL_get_ex_data(ssl, ownerIndex).map { Unmanaged<TLSSession>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Keeps a copy of a session that the server granted.
    func remember(_ session: OpaquePointer) {
        guard case .client(let resumable) = context.role, let serverName else { return }
        if let copy = StoredSession(copying: session) { resumable.insert(copy, for: serverName) }
    }

    /// What a failed connection granted is not to be trusted (RFC 8446 section 6.2), nor is what made it fail to be
    /// tried again. Connections that were merely cut are not failed ones.
    private func forgetSessions(after error: TLSError) {
        guard case .client(let resumable) = context.role, let serverName else { return }
        switch error {
        case .closed, .system, .configuration: return
        case .certificate, .handshake, .protocolViolation: resumable.removeAll(for: serverName)
        }
    }
}
