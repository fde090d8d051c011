import COpenSSL
import Glibc

/// OpenSSL's queue of errors, of which each thread has its own.
///
/// What an earlier call left in it would be taken for the fault of a later one, so it is emptied before each call whose
/// failure will be looked into, and read after a failure, on the same thread.
enum OpenSSLErrorQueue {
    /// One error: the library that found it and its reason there.
    struct Entry {
        let code: UInt

        var library: Int32 { ERR_GET_LIB(code) }
        var reason: Int32 { ERR_GET_REASON(code) }

        /// Whether this is `reason` (`SSL_R_…`) of the TLS part of OpenSSL.
        func isTLS(_ reason: Int32) -> Bool { library == ERR_LIB_SSL && self.reason == reason }

        var description: String {
            // A system call's error has errno for its reason, and no text of OpenSSL's.
            if library == ERR_LIB_SYS { return String(cString: strerror(reason)) }
            guard let text = ERR_reason_error_string(code) else { return "OpenSSL error \(String(code, radix: 16))" }
            return String(cString: text)
        }
    }

    static func clear() { ERR_clear_error() }

    /// Takes the first error, which is the cause of the others, and empties the queue. Nil where it was empty.
    static func take() -> Entry? {
        let code = ERR_peek_error()
        ERR_clear_error()
        return code == 0 ? nil : Entry(code: code)
    }
}
