import CLinux
import Glibc

/// A Unix socket in a folder, on which other processes of the same user connect.
package struct LocalListener: ~Copyable, Sendable {
    private let descriptor: OwnedDescriptor

    /// Listens as `name` in `folder`. A socket of that name is replaced: its process no longer gets connections.
    package init(_ name: String, in directory: String) throws(SystemError) {
        let folder = try LocalFolder(directory)
        let descriptor = try LocalFolder.socket()
        let number = descriptor.number
        _ = fcntl(number, F_SETFL, O_NONBLOCK)
        let temporary = "\(name).\(getpid())"
        let path = folder.path(temporary)
        unlink(path)
        guard try Self.address(path).withPointer({ bind(number, $0, $1) }) == 0 else {
            throw SystemError("bind \(name)", errno)
        }
        guard chmod(path, 0o600) == 0, Glibc.listen(number, 8) == 0, rename(path, folder.path(name)) == 0 else {
            let code = errno
            unlink(path)
            throw SystemError("listen \(name)", code)
        }
        self.descriptor = descriptor
    }

    /// The number for a source of events: readable while a connection waits.
    package var number: Int32 { descriptor.number }

    /// Accepts a connection that waits; nil where none does.
    package func accept(timeout: Duration) -> LocalSocket? {
        let number = CLinux_accept(descriptor.number)
        guard number >= 0 else { return nil }
        _ = fcntl(number, F_SETFL, 0)
        return LocalSocket(OwnedDescriptor(taking: number), timeout: timeout)
    }

    /// Connects to the listener `name` in `folder`. Returns nil where no process listens.
    package static func connect(
        _ name: String, in directory: String, timeout: Duration
    ) throws(SystemError) -> LocalSocket? {
        let folder: LocalFolder
        do throws(SystemError) {
            folder = try LocalFolder(directory)
        } catch {
            if error.number == ENOENT { return nil }
            throw error
        }
        let descriptor = try LocalFolder.socket()
        let number = descriptor.number
        guard try address(folder.path(name)).withPointer({ Glibc.connect(number, $0, $1) }) == 0 else {
            if errno == ENOENT || errno == ECONNREFUSED { return nil }
            throw SystemError("connect \(name)", errno)
        }
        return LocalSocket(descriptor, timeout: timeout)
    }

    private static func address(_ path: String) throws(SystemError) -> LocalAddress {
        guard let address = LocalAddress(Array(path.utf8)) else { throw SystemError("connect", ENAMETOOLONG) }
        return address
    }
}

/// An open folder, which gives its files short paths: the path of a Unix socket has at most 107 bytes.
private struct LocalFolder: ~Copyable {
    private let descriptor: OwnedDescriptor

    init(_ path: String) throws(SystemError) {
        let number = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard number >= 0 else { throw SystemError("open \(path)", errno) }
        descriptor = OwnedDescriptor(taking: number)
    }

    func path(_ name: String) -> String { "/proc/self/fd/\(descriptor.number)/\(name)" }

    static func socket() throws(SystemError) -> OwnedDescriptor {
        let number = CLinux_localStreamSocket()
        guard number >= 0 else { throw SystemError("socket", errno) }
        return OwnedDescriptor(taking: number)
    }
}
