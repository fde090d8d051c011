import Clocks
import Glibc

/// Long work on the ledger as many short transactions.
enum WriteSlices {
    /// Calls `slice`, one transaction, until it returns false, and pauses after each for as long as it took.
    ///
    /// SQLite has no queue: without the pauses another process could wait for the lock until the end of the work.
    static func run<Failure>(_ slice: () throws(Failure) -> Bool) throws(Failure) {
        while true {
            let start = MonotonicTime.now
            guard try slice() else { return }
            let (seconds, attoseconds) = (MonotonicTime.now - start).components
            usleep(seconds > 0 ? 999_999 : UInt32(clamping: attoseconds / 1_000_000_000_000))
        }
    }
}
