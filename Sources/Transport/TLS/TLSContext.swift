import COpenSSL
import Glibc

/// The common settings of all TLS connections of one listener or one client: trust, certificate, protocol versions, resumption.
///
/// TLS 1.2 and 1.3, only forward-secret authenticated ciphers (RFC 9325), ALPN `http/1.1`, no renegotiation, no compression.
/// Creating a context reads files: do it at start or reload, and not on a loop.
///
/// - Soundness of `@unchecked Sendable`: OpenSSL locks or counts atomically what connections change in a context. Nothing else
///   changes it after `init`.
package final class TLSContext: @unchecked Sendable {
    let pointer: OpaquePointer
    /// The end of the connections that it is for. A client's role holds the sessions that it can resume.
    let role: Role

    enum Role {
        case client(ResumptionCache<StoredSession>)
        case server
    }

    /// A context for connections to servers. Their certificates are verified for the name given to `TLSSession`.
    ///
    /// - Parameter caFile: a PEM bundle of the authorities to trust instead of the system's. Nil for the system's, which the
    ///   environment variables `SSL_CERT_FILE` and `SSL_CERT_DIR` can replace.
    /// - Throws: `TLSError.configuration`, which names the file.
    package static func client(caFile: String?) throws(TLSError) -> TLSContext {
        let context = try TLSContext(method: TLS_client_method(), role: .client(ResumptionCache<StoredSession>()))
        if let caFile {
            try context.require(
                SSL_CTX_load_verify_file(context.pointer, caFile),
                "the CA file \(caFile) cannot be used as a PEM bundle of certificates")
        } else {
            try context.require(
                SSL_CTX_set_default_verify_paths(context.pointer), "the system's CA certificates cannot be found")
        }
        SSL_CTX_set_verify(context.pointer, SSL_VERIFY_PEER, nil)
        // This function alone returns 0 for success.
        let offered = SSL_CTX_set_alpn_protos(
            context.pointer, applicationProtocols.utf8Start, UInt32(applicationProtocols.utf8CodeUnitCount))
        try context.require(offered == 0 ? 1 : 0, "the ALPN protocol cannot be set")

        COpenSSL_setSessionCacheMode(context.pointer, Int(SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL))
        SSL_CTX_sess_set_new_cb(context.pointer) { ssl, session in
            if let ssl, let session { TLSSession.owner(of: ssl)?.remember(session) }
            return 0  // OpenSSL keeps its reference.
        }
        return context
    }

    /// A context for connections from clients.
    ///
    /// - Parameters:
    ///   - certificateFile: PEM, the server's certificate first, then the intermediate ones up to the root.
    ///   - keyFile: PEM, the certificate's private key, not encrypted.
    ///   - clientCAFile: a PEM bundle of authorities. If given, a client without a certificate from one of them is refused.
    /// - Throws: `TLSError.configuration`, which names the file; also if key and certificate do not belong together.
    package static func server(
        certificateFile: String, keyFile: String, clientCAFile: String?
    ) throws(TLSError) -> TLSContext {
        let context = try TLSContext(method: TLS_server_method(), role: .server)
        try context.require(
            SSL_CTX_use_certificate_chain_file(context.pointer, certificateFile),
            "the certificate file \(certificateFile) cannot be used as a PEM certificate chain")
        try context.usePrivateKey(keyFile, of: certificateFile)
        if let clientCAFile { try context.demandClientCertificates(from: clientCAFile) }

        SSL_CTX_set_alpn_select_cb(
            context.pointer,
            { _, chosen, chosenCount, offered, offeredCount, _ in
                // Refuse a client that offers only other protocols: it may not speak HTTP/1.1 (RFC 7301 section 3.2).
                let outcome = UnsafeMutableRawPointer(chosen!).withMemoryRebound(
                    to: UnsafeMutablePointer<UInt8>?.self, capacity: 1
                ) {
                    SSL_select_next_proto(
                        $0, chosenCount, TLSContext.applicationProtocols.utf8Start,
                        UInt32(TLSContext.applicationProtocols.utf8CodeUnitCount), offered, offeredCount)
                }
                return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL
            }, nil)
        // Without this mode OpenSSL would add the authorities of the clients to the server's own certificate chain.
        COpenSSL_setMode(context.pointer, Int(SSL_MODE_NO_AUTO_CHAIN))
        // Tickets carry the sessions, so the server stores none. The context's name is part of a ticket. OpenSSL demands it
        // if clients have certificates, so that no other context of the process accepts the ticket.
        COpenSSL_setSessionCacheMode(context.pointer, Int(SSL_SESS_CACHE_OFF))
        let name = Array("propylon".utf8)
        try context.require(
            SSL_CTX_set_session_id_context(context.pointer, name, UInt32(name.count)),
            "the session context cannot be set")
        return context
    }

    private init(method: OpaquePointer?, role: Role) throws(TLSError) {
        // OpenSSL writes to sockets with write(2), which has no MSG_NOSIGNAL: SIGPIPE would end the process after a peer has
        // closed. When the signal is ignored, the write fails with EPIPE. Once is enough for all threads.
        _ = Self.brokenPipesAreErrors
        OpenSSLErrorQueue.clear()
        guard let pointer = SSL_CTX_new(method) else {
            throw .configuration(Self.reason("OpenSSL cannot be started"))
        }
        self.pointer = pointer
        self.role = role
        COpenSSL_setMode(
            pointer, Int(SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER)
        )
        // Read whole records with one system call, instead of one for the record's head and one for the rest.
        COpenSSL_setReadAhead(pointer, 1)
        SSL_CTX_set_options(pointer, COpenSSL_noRenegotiation | COpenSSL_noCompression)
        // The system's openssl.cnf may have set the option, and truncation must be reported.
        SSL_CTX_clear_options(pointer, COpenSSL_ignoreUnexpectedEnd)
        try require(Int32(COpenSSL_setMinimumVersion(pointer, TLS1_2_VERSION)), "TLS 1.2 is not available")
        try require(SSL_CTX_set_cipher_list(pointer, "ECDHE+AESGCM:ECDHE+CHACHA20"), "the ciphers are not available")
    }

    deinit { SSL_CTX_free(pointer) }

    private func usePrivateKey(_ keyFile: String, of certificateFile: String) throws(TLSError) {
        let mismatch = "the key in \(keyFile) does not belong to the certificate in \(certificateFile)"
        OpenSSLErrorQueue.clear()
        guard try loadsUnencrypted(keyFile) else {
            let error = OpenSSLErrorQueue.takeFirst()
            if let error, error.library == ERR_LIB_X509, Self.mismatches.contains(error.reason) {
                throw .configuration(mismatch)
            }
            let reason = error?.description ?? "no reason given"
            throw .configuration("the key file \(keyFile) cannot be used as a PEM private key: \(reason)")
        }
        try require(SSL_CTX_check_private_key(pointer), mismatch)
    }

    /// Loads the key and returns false on failure. Refuses an encrypted key, for which OpenSSL would ask for the password on the
    /// terminal.
    private func loadsUnencrypted(_ keyFile: String) throws(TLSError) -> Bool {
        var isEncrypted = false
        let isLoaded = withUnsafeMutablePointer(to: &isEncrypted) { isEncrypted in
            SSL_CTX_set_default_passwd_cb_userdata(pointer, isEncrypted)
            SSL_CTX_set_default_passwd_cb(pointer) { _, _, _, isEncrypted in
                isEncrypted?.storeBytes(of: true, as: Bool.self)
                return -1
            }
            defer {
                SSL_CTX_set_default_passwd_cb(pointer, nil)
                SSL_CTX_set_default_passwd_cb_userdata(pointer, nil)
            }
            return SSL_CTX_use_PrivateKey_file(pointer, keyFile, SSL_FILETYPE_PEM) == 1
        }
        if isEncrypted {
            throw .configuration(
                "the key in \(keyFile) is encrypted; give it without a password, readable by this process alone")
        }
        return isLoaded
    }

    private func demandClientCertificates(from file: String) throws(TLSError) {
        let complaint = "the client CA file \(file) cannot be used as a PEM bundle of certificates"
        try require(SSL_CTX_load_verify_file(pointer, file), complaint)
        guard let names = SSL_load_client_CA_file(file) else { throw .configuration(Self.reason(complaint)) }
        SSL_CTX_set_client_CA_list(pointer, names)
        SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
    }

    private func require(_ result: Int32, _ complaint: String) throws(TLSError) {
        guard result == 1 else { throw .configuration(Self.reason(complaint)) }
    }

    private static func reason(_ complaint: String) -> String {
        OpenSSLErrorQueue.takeFirst().map { "\(complaint): \($0.description)" } ?? complaint
    }

    private static let mismatches = [X509_R_KEY_VALUES_MISMATCH, X509_R_KEY_TYPE_MISMATCH]

    /// The protocols for ALPN, each after its length (RFC 7301 section 3.1). Static, since OpenSSL keeps pointers into it.
    private static let applicationProtocols: StaticString = "\u{8}http/1.1"

    private static let brokenPipesAreErrors: Void = { _ = signal(SIGPIPE, SIG_IGN) }()
}
