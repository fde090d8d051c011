import Glibc

/// A file descriptor with one owner. It is closed when its owner releases this value.
package struct OwnedDescriptor: ~Copyable, Sendable {
    /// The number for system calls, valid while this value is alive.
    package let number: Int32

    /// Takes ownership of `number`, which must be open and have no other owner.
    package init(taking number: Int32) { self.number = number }

    deinit { close(number) }

    /// Gives up the ownership: the caller has to close the number.
    package consuming func release() -> Int32 {
        let number = self.number
        discard self
        return number
    }
}
