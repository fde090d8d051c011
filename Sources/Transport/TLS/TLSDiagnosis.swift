import COpenSSL

/// The translation of OpenSSL's errors into `TLSError`.
struct TLSDiagnosis {
    let ssl: OpaquePointer
    /// The verified name; nil at a server.
    let serverName: String?
    /// True after the handshake.
    let isEstablished: Bool

    /// The error for `entry` of OpenSSL's queue. Without an entry, the peer has closed the connection.
    func error(for entry: OpenSSLErrorQueue.Entry?) -> TLSError {
        guard let entry, !entry.isTLS(SSL_R_UNEXPECTED_EOF_WHILE_READING) else {
            return isEstablished ? .closed : .handshake("the peer closed the connection before it was complete")
        }
        if entry.isTLS(SSL_R_CERTIFICATE_VERIFY_FAILED) { return .certificate(verificationFailure) }
        if entry.isTLS(SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE) {
            return .certificate("the client sent none, and this listener demands one")
        }
        if entry.isTLS(SSL_R_WRONG_VERSION_NUMBER) || entry.isTLS(SSL_R_HTTP_REQUEST) {
            return .handshake("the peer does not speak TLS (\(entry.description))")
        }
        return isEstablished ? .protocolViolation(entry.description) : .handshake(entry.description)
    }

    /// The reason why the peer's certificate was not accepted, with the remedy where there is one.
    private var verificationFailure: String {
        let result = SSL_get_verify_result(ssl)
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
}
