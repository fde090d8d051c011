import Glibc

/// A failed system call.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The call's name, with its object where that helps: `bind 127.0.0.1:80`.
    package let call: String
    /// The value of `errno`.
    package let number: Int32

    /// A failure of `call`. Read `errno` into `number` before any other call.
    package init(_ call: String, _ number: Int32) {
        self.call = call
        self.number = number
    }

    /// As in `connect: Connection refused`.
    package var description: String { "\(call): \(String(cString: strerror(number)))" }
}
