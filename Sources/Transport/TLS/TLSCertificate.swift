import COpenSSL
import Clocks
import Glibc

/// The facts of a certificate for people: which one it is, and when it is valid.
package struct TLSCertificate: Sendable, Equatable {
    /// SHA-256 of the certificate (DER), which tells two certificates apart.
    package let fingerprint: [UInt8]
    /// The first second of its validity (RFC 5280, section 4.1.2.5).
    package let validFrom: Timestamp
    /// The last second of its validity.
    package let validUntil: Timestamp

    /// The own certificate of an `SSL_CTX`; nil where it has none.
    init?(of context: OpaquePointer) {
        guard let certificate = SSL_CTX_get0_certificate(context) else { return nil }
        var digest = [UInt8](repeating: 0, count: 32)
        var count: UInt32 = 0
        guard X509_digest(certificate, EVP_sha256(), &digest, &count) == 1, count == 32,
            let from = Self.timestamp(X509_get0_notBefore(certificate)),
            let until = Self.timestamp(X509_get0_notAfter(certificate))
        else { return nil }
        fingerprint = digest
        validFrom = from
        validUntil = until
    }

    private static func timestamp(_ time: UnsafePointer<ASN1_TIME>?) -> Timestamp? {
        var civil = tm()
        guard let time, ASN1_TIME_to_tm(time, &civil) == 1 else { return nil }
        return Timestamp(seconds: Int64(timegm(&civil)))
    }
}
