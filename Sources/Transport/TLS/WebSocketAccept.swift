import Bytes
import COpenSSL

/// The value of `sec-websocket-accept` for `key`, the value of `sec-websocket-key` (RFC 6455, section 4.2.2).
///
/// It shows that a server knows the protocol, and protects no secret. Returns nil where the system's OpenSSL has no SHA-1.
package func webSocketAccept(key: String) -> String? {
    let text = Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)
    var digest = [UInt8](repeating: 0, count: 20)
    guard EVP_Digest(text, text.count, &digest, nil, EVP_sha1(), nil) == 1 else { return nil }
    return String(decoding: Base64.encoded(digest), as: UTF8.self)
}
