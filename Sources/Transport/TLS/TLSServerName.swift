import COpenSSL

/// The name that a server's certificate has to be for (RFC 9525).
enum TLSServerName {
    /// The name as SNI and certificates have it: without a final dot (RFC 6066 section 3), and without the brackets of an IPv6
    /// address.
    static func bare(_ name: String) -> String {
        if name.hasPrefix("["), name.hasSuffix("]") { return String(name.dropFirst().dropLast()) }
        return name.hasSuffix(".") ? String(name.dropLast()) : name
    }

    /// Makes `ssl` verify the server's certificate for `name`, and send a host name as SNI.
    ///
    /// - Returns: false if that is impossible. OpenSSL would accept an empty name as any name.
    static func require(_ name: String, on ssl: OpaquePointer) -> Bool {
        guard !name.isEmpty, !name.utf8.contains(0) else { return false }
        if X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) == 1 { return true }
        SSL_set_hostflags(ssl, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT))
        return SSL_set1_host(ssl, name) == 1 && COpenSSL_setServerName(ssl, name) == 1
    }
}
