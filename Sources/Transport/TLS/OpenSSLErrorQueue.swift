import COpenSSL
import Glibc

/// OpenSSL's queue of errors. Each thread has one.
///
/// Clear it before each call whose failure matters, since an error of an earlier call would look like the cause. Read it after the
/// failure on the same thread.
enum OpenSSLErrorQueue {
    /// One error: the part of OpenSSL that reported it, and the reason.
    struct Entry {
        let code: UInt

        var library: Int32 { ERR_GET_LIB(code) }
        var reason: Int32 { ERR_GET_REASON(code) }

        /// Returns true for `reason` (`SSL_R_…`) of OpenSSL's TLS part.
        func isTLS(_ reason: Int32) -> Bool { library == ERR_LIB_SSL && self.reason == reason }

        var description: String {
            // The reason of a system call's error is errno, for which OpenSSL has no text.
            if library == ERR_LIB_SYS { return String(cString: strerror(reason)) }
            guard let text = ERR_reason_error_string(code) else { return "OpenSSL error \(String(code, radix: 16))" }
            return String(cString: text)
        }
    }

    static func clear() { ERR_clear_error() }

    /// Empties the queue and returns its first error, the cause of the others; nil if it was empty.
    static func takeFirst() -> Entry? {
        let code = ERR_peek_error()
        ERR_clear_error()
        return code == 0 ? nil : Entry(code: code)
    }
}
