import CLinux
import Dispatch
import Glibc

/// A file descriptor with one owner: closed when the owner lets go of it.
package struct OwnedDescriptor: ~Copyable, Sendable {
    /// The descriptor's number, for system calls while this value is alive.
    package let number: Int32

    /// Takes `number`, which must be open and belong to nobody else.
    package init(taking number: Int32) { self.number = number }

    deinit { close(number) }

    /// Hands the descriptor to another owner.
    package consuming func release() -> Int32 {
        let number = self.number
        discard self
        return number
    }
}

/// A file without a name, gone when it is closed: where bodies are kept that are too large for memory.
package struct TemporaryFile: ~Copyable, Sendable {
    private let descriptor: OwnedDescriptor
    /// How many bytes were written to it.
    package private(set) var size = 0

    /// An empty file on the file system of `directory`.
    package init(in directory: String) throws(SystemError) {
        let number = CLinux_openTemporary(directory)
        guard number >= 0 else { throw SystemError("open a temporary file in \(directory)", errno) }
        descriptor = OwnedDescriptor(taking: number)
    }

    /// Elsewhere: the system takes 10 ms to take the pages of 100 MB back.
    deinit {
        let number = descriptor.release()
        DispatchQueue.global(qos: .utility).async { close(number) }
    }

    /// Appends all of `bytes`. Blocks for as long as the page cache takes, which is what makes it affordable on a loop.
    package mutating func append(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        var written = 0
        while written < bytes.count {
            let count = pwrite(descriptor.number, bytes.baseAddress! + written, bytes.count - written, off_t(size))
            guard count >= 0 else {
                if errno == EINTR { continue }
                throw SystemError("write a temporary file", errno)
            }
            written += count
            size += count
        }
    }

    /// Fills `buffer` from `offset` on; returns how many bytes there were, fewer only at the end.
    package func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        var filled = 0
        while filled < buffer.count {
            let count = pread(
                descriptor.number, buffer.baseAddress! + filled, buffer.count - filled, off_t(offset + filled))
            if count == 0 { break }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw SystemError("read a temporary file", errno)
            }
            filled += count
        }
        return filled
    }
}
