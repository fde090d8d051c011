import Glibc

/// A system call that failed: which, and why.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The system call's name.
    package let call: String
    /// The value of `errno`.
    package let number: Int32

    /// `call` failed with `number`. Read `errno` before any other call.
    package init(_ call: String, _ number: Int32) {
        self.call = call
        self.number = number
    }

    /// As in `connect: Connection refused`.
    package var description: String { "\(call): \(String(cString: strerror(number)))" }
}
