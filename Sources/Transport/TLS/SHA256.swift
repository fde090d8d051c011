import COpenSSL

/// The SHA-256 digest (FIPS 180-4) of `bytes`, as four big-endian words of eight bytes.
package func sha256(_ bytes: Span<UInt8>) -> (UInt64, UInt64, UInt64, UInt64) {
    guard let context = EVP_MD_CTX_new() else { fatalError("out of memory for a digest") }
    defer { EVP_MD_CTX_free(context) }
    var digest: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    let succeeded = withUnsafeMutableBytes(of: &digest) { digest in
        bytes.withUnsafeBufferPointer { bytes in
            EVP_DigestInit_ex2(context, algorithm, nil) == 1
                && EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1
                && EVP_DigestFinal_ex(context, digest.baseAddress, nil) == 1
        }
    }
    guard succeeded else { fatalError("OpenSSL has no working SHA-256") }
    return (digest.0.bigEndian, digest.1.bigEndian, digest.2.bigEndian, digest.3.bigEndian)
}

/// Prepares OpenSSL for digests, which includes reading its configuration. Call it at start, so that no request waits for it.
package func prepareSHA256() { _ = sha256([UInt8]().span) }

/// HMAC-SHA256 (RFC 2104) of `message` with `key`: 32 bytes.
package func hmacSHA256(key: [UInt8], message: [UInt8]) -> [UInt8] {
    var code = [UInt8](repeating: 0, count: 32)
    var length = 0
    let result = EVP_Q_mac(
        nil, "HMAC", nil, "SHA256", nil, key, key.count, message, message.count, &code, code.count, &length)
    guard result != nil, length == code.count else { fatalError("OpenSSL has no working HMAC") }
    return code
}

/// The algorithm, fetched once: each digest would look up `EVP_sha256()` again.
///
/// - Soundness of `nonisolated(unsafe)`: it is never changed or freed, so every thread may use it.
nonisolated(unsafe) private let algorithm: OpaquePointer? = EVP_MD_fetch(nil, "SHA256", nil)
