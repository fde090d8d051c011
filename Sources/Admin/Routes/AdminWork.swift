import Dispatch
import Transport

/// Runs what may wait for the disk beside the loops.
///
/// Each kind has a queue of its own: a long report delays no look at a key and no change, and the readers of the ledger that
/// requests need stay free.
package enum AdminWork: Sendable {
    /// A short read, by an index.
    case look
    /// A read that may take seconds.
    case report
    /// A change. Changes run one after the other.
    case change
    /// A copy of the ledger, which may take minutes.
    case copy

    private static let looks = DispatchQueue(label: "propylon.admin.looks", qos: .userInitiated)
    private static let reports = DispatchQueue(label: "propylon.admin.reports", qos: .utility)
    private static let changes = DispatchQueue(label: "propylon.admin.changes", qos: .userInitiated)
    private static let copies = DispatchQueue(label: "propylon.admin.copies", qos: .utility)

    private var queue: DispatchQueue {
        switch self {
        case .look: Self.looks
        case .report: Self.reports
        case .change: Self.changes
        case .copy: Self.copies
        }
    }

    /// Runs `body` on the queue and returns its result.
    package func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await queue.perform(body)
    }
}
