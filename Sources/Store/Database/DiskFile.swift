import Bytes
import Foundation

/// Files that are to be on the disk, and under their names, as a whole or not at all.
enum DiskFile {
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// The length of the file at `path` in bytes; 0 without one.
    static func size(of path: String) -> Int64 {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : 0
    }

    /// The free bytes of the file system with `path`; nil where it does not tell.
    static func freeBytes(of path: String) -> Int64? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        return Int64(clamping: status.f_bavail).multipliedSaturated(by: Int64(clamping: status.f_frsize))
    }

    /// The names in `folder`, sorted.
    static func names(in folder: String) throws(LedgerError) -> [String] {
        try doing(folder) { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() }
    }

    /// Makes a folder for its owner alone, in that of `path`.
    static func makeFolder(beside path: String) throws(LedgerError) -> String {
        var template = Array("\(path).partial-XXXXXX".utf8CString)
        let isMade = template.withUnsafeMutableBufferPointer { $0.baseAddress.flatMap { mkdtemp($0) } != nil }
        guard isMade else { throw failure(path, errno) }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Removes a file or a folder. A failure leaves a file that is never read.
    static func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }

    /// Copies `source` to the new file `target`, for its owner alone.
    static func copy(_ source: String, to target: String) throws(LedgerError) {
        try doing(target) { try FileManager.default.copyItem(atPath: source, toPath: target) }
        guard chmod(target, 0o600) == 0 else { throw failure(target, errno) }
    }

    /// Moves a file within a file system.
    static func move(_ source: String, to target: String) throws(LedgerError) {
        guard rename(source, target) == 0 else { throw failure(target, errno) }
        try synchronize(folder(of: target))
    }

    /// Gives `path`, all of which reaches the disk before, the name `file` as well, which nothing has.
    static func publish(_ path: String, as file: String) throws(LedgerError) {
        try synchronize(path)
        guard link(path, file) == 0 else {
            throw errno == EEXIST ? .fileExists(path: file) : failure(file, errno)
        }
        try synchronize(folder(of: file))
    }

    private static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    }

    private static func synchronize(_ path: String) throws(LedgerError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(path, errno) }
    }

    private static func doing<Result>(_ path: String, _ body: () throws -> Result) throws(LedgerError) -> Result {
        do { return try body() } catch {
            throw .failed(path: path, reason: (error as? CocoaError)?.localizedDescription ?? "\(error)")
        }
    }

    private static func failure(_ path: String, _ code: CInt) -> LedgerError {
        switch code {
        case ENOSPC, EDQUOT, EFBIG: .diskFull(path: path)
        default: .failed(path: path, reason: String(cString: strerror(code)))
        }
    }
}
