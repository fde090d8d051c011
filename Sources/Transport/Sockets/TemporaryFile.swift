import CLinux
import Dispatch
import Glibc

/// A file without a name, for bodies that are too large for memory. Closing it deletes it.
package struct TemporaryFile: ~Copyable, Sendable {
    private let descriptor: OwnedDescriptor
    /// The number of bytes in the file.
    package private(set) var size = 0

    /// Creates an empty file on the file system of `directory`.
    package init(in directory: String) throws(SystemError) {
        let number = CLinux_openTemporary(directory)
        guard number >= 0 else { throw SystemError("open a temporary file in \(directory)", errno) }
        descriptor = OwnedDescriptor(taking: number)
    }

    /// Closes on another thread: the system takes 10 ms to free the pages of 100 MB.
    deinit {
        let number = descriptor.release()
        DispatchQueue.global(qos: .utility).async { close(number) }
    }

    /// Appends `bytes`. Blocks only for the copy into the page cache, which a loop can afford.
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

    /// All bytes of the file.
    package func whole() throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: size)
        var span = bytes.mutableSpan
        let count = try span.withUnsafeMutableBytes { buffer throws(SystemError) in try read(at: 0, into: buffer) }
        guard count == size else { throw SystemError("read a temporary file", EIO) }
        return bytes
    }

    /// Fills `buffer` with the bytes from `offset`. Returns their number, less than `buffer.count` only at the end of the file.
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
