import Policy

/// Batches that have ended and are not in the ledger yet: their output files are read one after the other.
struct BatchQueue: Sendable {
    /// A batch, and the file that its answers stand in.
    struct Job: Sendable {
        let batch: OwnedResource
        let outputFileID: String
    }

    /// So many batches wait at most; the next look at a further one asks again.
    private static let limit = 1024
    /// So many files are read at one time.
    private static let readers = 2

    private var known: Set<String> = []
    private var waiting: [Job] = []
    private var readerCount = 0

    /// Takes `job`, unless its batch waits already.
    ///
    /// - Returns: whether one more reader is wanted.
    mutating func add(_ job: Job) -> Bool {
        guard waiting.count < Self.limit, known.insert(job.batch.id).inserted else { return false }
        waiting.append(job)
        guard readerCount < Self.readers else { return false }
        readerCount += 1
        return true
    }

    /// The next one for a reader, who has ended where there is none. `done` is what the reader had before.
    mutating func next(after done: Job?) -> Job? {
        if let done { known.remove(done.batch.id) }
        guard !waiting.isEmpty else {
            readerCount -= 1
            return nil
        }
        return waiting.removeFirst()
    }
}
