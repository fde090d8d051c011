import Glibc

/// The journal's file: locked, mapped into memory, and grown in steps. It is closed with its last reference.
///
/// The disk's blocks are reserved before use. A store to a page without a block would not fail, but end the process.
///
/// Sound: `memory(at:)` stays valid as long as the file, since the mapping never moves.
final class JournalFile {
    /// Bytes before the first slot: the magic number, and the id of the process that holds the file.
    static let headerBytes = 4096

    /// "PROPJRN"; the last byte is the version of the layout.
    private static let magic: UInt64 = 0x5052_4F50_4A52_4E00

    let path: String
    /// The layout of the slots in the file.
    private(set) var layout: JournalLayout
    private let descriptor: CInt
    private let base: UnsafeMutableRawPointer
    private let mappedBytes: Int
    /// Bytes that the disk holds: the part of the mapping that may be touched.
    private(set) var byteCount: Int

    /// Opens or creates the file at `path`, for its owner alone (0600), and maps `capacity` bytes.
    /// - Throws: `LedgerError.inUse` if another process holds it, `.foreignJournal`, `.diskFull`, `.cannotOpen`.
    init(_ path: String, capacity: Int) throws(LedgerError) {
        self.path = path
        descriptor = try Self.openLocked(path)
        do throws(LedgerError) {
            var status = stat()
            guard fstat(descriptor, &status) == 0 else { throw Self.failure(path, errno) }
            byteCount = Int(status.st_size)
            if byteCount < Self.headerBytes {
                try Self.reserve(descriptor, path, upTo: Self.headerBytes)
                byteCount = Self.headerBytes
            }
            mappedBytes = max(capacity, byteCount)
            guard
                let base = mmap(nil, mappedBytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), base != MAP_FAILED
            else { throw Self.failure(path, errno) }
            self.base = base
        } catch {
            close(descriptor)
            throw error
        }
        layout = .current
        if let layout = try Self.layout(magic: base.load(as: UInt64.self), path) {
            self.layout = layout
        } else {
            writeMagic()
        }
        base.storeBytes(of: getpid(), toByteOffset: 8, as: pid_t.self)
    }

    deinit {
        munmap(base, mappedBytes)
        close(descriptor)
    }

    /// Returns the memory from byte `offset` on, which is below `byteCount`.
    func memory(at offset: Int) -> UnsafeMutableRawPointer { base + offset }

    /// Extends the file to `count` bytes, at most the capacity. New bytes are zero.
    func grow(to count: Int) throws(LedgerError) {
        precondition(count <= mappedBytes, "a journal grows within its capacity")
        try Self.reserve(descriptor, path, upTo: count)
        byteCount = count
    }

    /// Gives the file to the next process, although the mapping stays. Nothing may be written after it.
    func unlock() { flock(descriptor, LOCK_UN) }

    /// Removes the file, whose records the ledger has. The lock ends with the last reference.
    func remove() { unlink(path) }

    /// Removes all slots. Later slots have the current layout.
    func removeSlots() throws(LedgerError) {
        if byteCount > Self.headerBytes {
            guard ftruncate(descriptor, off_t(Self.headerBytes)) == 0 else { throw Self.failure(path, errno) }
            byteCount = Self.headerBytes
        }
        guard layout.version != JournalLayout.current.version else { return }
        // A loss of power must not leave old slots under the new version.
        guard fsync(descriptor) == 0 else { throw Self.failure(path, errno) }
        layout = .current
        writeMagic()
    }

    /// The layout that the first word of a file says; nil for an empty file.
    /// - Throws: `LedgerError.foreignJournal` for another number.
    static func layout(magic: UInt64, _ path: String) throws(LedgerError) -> JournalLayout? {
        guard magic != 0 else { return nil }
        guard magic & ~0xFF == Self.magic, let layout = JournalLayout(version: UInt8(magic & 0xFF)) else {
            throw .foreignJournal(path: path)
        }
        return layout
    }

    private func writeMagic() {
        base.storeBytes(of: Self.magic | UInt64(JournalLayout.current.version), as: UInt64.self)
    }

    /// Opens and locks the file at `path`. Another process may remove it in between; then the next file is meant.
    private static func openLocked(_ path: String) throws(LedgerError) -> CInt {
        while true {
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw failure(path, errno) }
            do throws(LedgerError) {
                try lock(descriptor, path)
            } catch {
                close(descriptor)
                throw error
            }
            var (opened, present) = (stat(), stat())
            if fstat(descriptor, &opened) == 0, stat(path, &present) == 0, opened.st_ino == present.st_ino,
                opened.st_dev == present.st_dev
            {
                return descriptor
            }
            close(descriptor)
        }
    }

    private static func lock(_ descriptor: CInt, _ path: String) throws(LedgerError) {
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let code = errno
            if code == EINTR { continue }
            guard code == EWOULDBLOCK else { throw failure(path, code) }
            var process: pid_t = 0
            let read = pread(descriptor, &process, MemoryLayout<pid_t>.size, 8)
            throw .inUse(path: path, process: read == MemoryLayout<pid_t>.size && process > 0 ? process : nil)
        }
    }

    private static func reserve(_ descriptor: CInt, _ path: String, upTo count: Int) throws(LedgerError) {
        var code = posix_fallocate(descriptor, 0, off_t(count))
        while code == EINTR { code = posix_fallocate(descriptor, 0, off_t(count)) }
        guard code == 0 else { throw failure(path, code) }
    }

    private static func failure(_ path: String, _ code: CInt) -> LedgerError {
        switch code {
        case ENOSPC, EDQUOT, EFBIG: .diskFull(path: path)
        default: .cannotOpen(path: path, reason: String(cString: strerror(code)))
        }
    }
}
