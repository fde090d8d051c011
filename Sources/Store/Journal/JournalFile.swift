import Glibc

/// The journal's file: locked, mapped into memory, and grown in steps. Its owner gives it back by letting it go.
///
/// The disk's blocks are reserved before a slot is used. A store to a page that the disk has no room for would not fail, it
/// would end the process.
final class JournalFile {
    /// Bytes before the first slot: the magic number, and whose process has the file.
    static let headerBytes = 4096

    /// "PROPJRN" and the version of the layout.
    private static let magic: UInt64 = 0x5052_4F50_4A52_4E01

    let path: String
    private let descriptor: CInt
    private let base: UnsafeMutableRawPointer
    private let mappedBytes: Int
    /// Bytes that the disk holds: up to here the mapping may be touched.
    private(set) var byteCount: Int

    /// Opens the file at `path`, or makes it, for its owner alone (0600). Room in memory is set aside for `capacity` bytes.
    /// - Throws: `LedgerError.inUse` where another process has it.
    init(_ path: String, capacity: Int) throws(LedgerError) {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure(path, errno) }
        do throws(LedgerError) {
            try Self.lock(descriptor, path)
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
        let magic = base.load(as: UInt64.self)
        guard magic == Self.magic || magic == 0 else { throw .foreignJournal(path: path) }
        base.storeBytes(of: Self.magic, as: UInt64.self)
        base.storeBytes(of: getpid(), toByteOffset: 8, as: pid_t.self)
    }

    deinit {
        munmap(base, mappedBytes)
        close(descriptor)
    }

    /// The memory from the byte `offset` on, which has to be below `byteCount`.
    func memory(at offset: Int) -> UnsafeMutableRawPointer { base + offset }

    /// Makes the file `count` bytes long, at most the capacity; new bytes are zero.
    func grow(to count: Int) throws(LedgerError) {
        precondition(count <= mappedBytes, "a journal grows within its capacity")
        try Self.reserve(descriptor, path, upTo: count)
        byteCount = count
    }

    /// Cuts the file to `count` bytes.
    func shrink(to count: Int) throws(LedgerError) {
        guard count < byteCount else { return }
        guard ftruncate(descriptor, off_t(count)) == 0 else { throw Self.failure(path, errno) }
        byteCount = count
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
