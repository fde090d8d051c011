import Bytes
import COpenSSL
import Clocks
import Glibc

/// The facts of a certificate for people: which one it is, and when it is valid.
package struct TLSCertificate: Sendable, Equatable {
    /// The subject in printable ASCII, as `CN=gateway.example,O=Example` (RFC 4514), at most `nameLimit` bytes. Certificates
    /// without a subject have the beginning of their fingerprint.
    package let name: String
    /// SHA-256 of the certificate (DER), which tells two certificates apart.
    package let fingerprint: [UInt8]
    /// The first second of its validity (RFC 5280, section 4.1.2.5).
    package let validFrom: Timestamp
    /// The last second of its validity. OpenSSL refuses the certificate from this second on.
    package let validUntil: Timestamp

    static let nameLimit = 256

    /// The facts of an `X509`; nil where it has no readable validity.
    init?(_ certificate: OpaquePointer) {
        var digest = [UInt8](repeating: 0, count: 32)
        var count: UInt32 = 0
        guard X509_digest(certificate, EVP_sha256(), &digest, &count) == 1, count == 32,
            let from = Self.timestamp(X509_get0_notBefore(certificate)),
            let until = Self.timestamp(X509_get0_notAfter(certificate))
        else { return nil }
        name = Self.name(of: certificate) ?? "SHA-256 \(Hexadecimal.text(digest.prefix(8)))"
        fingerprint = digest
        validFrom = from
        validUntil = until
    }

    private static func timestamp(_ time: UnsafePointer<ASN1_TIME>?) -> Timestamp? {
        var civil = tm()
        guard let time, ASN1_TIME_to_tm(time, &civil) == 1 else { return nil }
        return Timestamp(seconds: Int64(timegm(&civil)))
    }

    /// The subject; nil for an empty one.
    private static func name(of certificate: OpaquePointer) -> String? {
        guard let output = BIO_new(BIO_s_mem()) else { return nil }
        defer { BIO_free(output) }
        X509_NAME_print_ex(output, X509_get_subject_name(certificate), 0, COpenSSL_nameOnOneLine)
        var bytes = [UInt8](repeating: 0, count: nameLimit)
        let count = BIO_read(output, &bytes, Int32(clamping: nameLimit))
        return count > 0 ? String(decoding: bytes.prefix(Int(count)), as: UTF8.self) : nil
    }
}

extension TLSContext {
    /// The own certificates of the context: the one for its name, and those up to its authority. Empty for a client.
    package var certificates: [TLSCertificate] {
        guard let own = SSL_CTX_get0_certificate(pointer) else { return [] }
        var chain: OpaquePointer?
        COpenSSL_getChain(pointer, &chain)
        return [TLSCertificate(own)].compactMap(\.self) + Self.certificates(in: chain)
    }

    /// The authorities that were read from a file. Those of the system may be read later, and are not complete here.
    package var authorities: [TLSCertificate] {
        guard let all = X509_STORE_get1_all_certs(SSL_CTX_get_cert_store(pointer)) else { return [] }
        defer { COpenSSL_freeCertificates(all) }
        return Self.certificates(in: all)
    }

    private static func certificates(in stack: OpaquePointer?) -> [TLSCertificate] {
        (0..<max(0, COpenSSL_certificateCount(stack))).compactMap { index in
            COpenSSL_certificate(stack, index).flatMap { TLSCertificate($0) }
        }
    }
}
