import Policy

/// Batches that have ended and are not in the ledger yet. Their output files are read in turn.
struct BatchQueue: Sendable {
    /// A batch and its output file.
    struct Job: Sendable {
        let batch: OwnedResource
        let outputFileID: String
    }

    /// The most batches that wait. A further one is queued at the next look at it.
    private static let limit = 1024
    /// The number of files that are read at one time.
    private static let readers = 2

    private var known: Set<String> = []
    private var waiting: [Job] = []
    private var readerCount = 0

    /// Queues `job`, unless its batch waits already.
    ///
    /// - Returns: true where one more reader should start.
    mutating func add(_ job: Job) -> Bool {
        guard waiting.count < Self.limit, known.insert(job.batch.id).inserted else { return false }
        waiting.append(job)
        guard readerCount < Self.readers else { return false }
        readerCount += 1
        return true
    }

    /// The next job for a reader, which ends where there is none. `done` is the reader's last job.
    mutating func next(after done: Job?) -> Job? {
        if let done { known.remove(done.batch.id) }
        guard !waiting.isEmpty else {
            readerCount -= 1
            return nil
        }
        return waiting.removeFirst()
    }
}
