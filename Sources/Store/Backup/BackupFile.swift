import Bytes
import Dispatch
import Glibc

/// A backup in a file of the data folder that has no name any more: once it is closed, nothing of it is left on the disk.
package final class BackupFile: Sendable {
    /// The beginning of the names of backups that are being made. The number of their process follows.
    private static let prefix = "download-"
    /// Bytes that a backup leaves free: on a full disk the gateway refuses requests.
    private static let reserve: Int64 = 64 << 20

    private let path: String
    private let descriptor: CInt
    /// The length in bytes.
    package let count: Int

    /// Makes a backup of the ledger in `directory`. Blocks; one at a time in a process.
    ///
    /// - Throws: `LedgerError.noRoomForBackup`, or an error of `LedgerBackup.make`.
    package convenience init(of directory: String) throws(LedgerError) {
        try self.init(of: directory, freeBytes: DiskFile.freeBytes(of: directory))
    }

    /// The same with `freeBytes` on the disk; nil where that is not known.
    init(of directory: String, freeBytes: Int64?) throws(LedgerError) {
        Self.removeAbandoned(in: directory)
        let ledger = LedgerDatabase.path(in: directory)
        let size = DiskFile.size(of: ledger).addingSaturated(DiskFile.size(of: ledger + "-wal"))
        if let freeBytes, freeBytes.subtractingSaturated(size) < Self.reserve {
            throw .noRoomForBackup(path: directory, bytes: size)
        }
        let path = "\(directory)/\(Self.prefix)\(getpid())"
        try LedgerBackup.make(of: directory, as: path)
        defer { DiskFile.remove(path) }
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .cannotOpen(path: path, reason: String(cString: strerror(errno))) }
        self.path = path
        count = Int(clamping: DiskFile.size(of: path))
    }

    // Beside the loop that may have released it: to free gigabytes takes a while.
    deinit { DispatchQueue.global(qos: .utility).async { [descriptor] in close(descriptor) } }

    /// The bytes from `offset` on, at most `most`; none at the end. Blocks.
    package func bytes(from offset: Int, atMost most: Int) throws(LedgerError) -> [UInt8] {
        var code: CInt = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: most) { buffer, count in
            let read = pread(descriptor, buffer.baseAddress, most, off_t(offset))
            if read < 0 { code = errno }
            count = max(0, read)
        }
        guard code == 0 else { throw .failed(path: path, reason: String(cString: strerror(code))) }
        return bytes
    }

    /// Removes from `directory` what processes have left that ended while they made a backup.
    package static func removeAbandoned(in directory: String) {
        for name in (try? DiskFile.names(in: directory)) ?? [] where name.hasPrefix(prefix) {
            let process = pid_t(name.dropFirst(prefix.count).prefix { $0.isASCII && $0.isNumber })
            // This process makes none now.
            guard let process, process > 0, process == getpid() || kill(process, 0) != 0 && errno == ESRCH else {
                continue
            }
            DiskFile.remove("\(directory)/\(name)")
        }
    }
}
