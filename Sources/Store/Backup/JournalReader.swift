import Glibc

extension Journal.Leftovers {
    /// The records that the journals in `directory` hold now, those of living processes too. It changes nothing.
    init(inFolder directory: String) throws(LedgerError) {
        self.init()
        for path in JournalFolder(directory: directory).present {
            guard let reader = try JournalReader(path) else { continue }
            try reader.forEachSlot { add($0) }
        }
    }
}

/// Reads a journal while its process may write it, without the lock.
private struct JournalReader {
    /// Tries to read a slot that changes. A writer changes one at most once for each event of a stream.
    private static let mostTries = 100

    private let path: String
    private let descriptor: CInt
    private let layout: JournalLayout

    /// Returns nil for a file that has just been removed, whose rows the ledger has, and for one without slots.
    init?(_ path: String) throws(LedgerError) {
        self.path = path
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0, errno == ENOENT { return nil }
        guard descriptor >= 0 else { throw .cannotOpen(path: path, reason: String(cString: strerror(errno))) }
        var magic: UInt64 = 0
        do throws(LedgerError) {
            guard pread(descriptor, &magic, 8, 0) == 8, let layout = try JournalFile.layout(magic: magic, path) else {
                close(descriptor)
                return nil
            }
            self.layout = layout
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
    }

    /// Calls `body` with the content of each slot, and closes the file.
    func forEachSlot(_ body: (JournalSlot.Content) -> Void) throws(LedgerError) {
        defer { close(descriptor) }
        let count = layout.byteCount
        let (slot, again) = (
            UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 8),
            UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 8)
        )
        defer {
            slot.deallocate()
            again.deallocate()
        }
        var offset = JournalFile.headerBytes
        while try read(slot, count, offset) {
            // Equal bytes twice are those of one moment, as if the process had died then.
            var tries = 0
            while try read(again, count, offset), memcmp(slot, again, count) != 0, tries < Self.mostTries {
                slot.copyMemory(from: again, byteCount: count)
                tries += 1
            }
            body(JournalSlot(at: slot).content(in: layout))
            offset += count
        }
    }

    /// Returns false at the end of the file.
    private func read(_ memory: UnsafeMutableRawPointer, _ count: Int, _ offset: Int) throws(LedgerError) -> Bool {
        let read = pread(descriptor, memory, count, off_t(offset))
        guard read >= 0 else { throw .failed(path: path, reason: String(cString: strerror(errno))) }
        return read == count
    }
}
