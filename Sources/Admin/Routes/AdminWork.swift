import Dispatch

/// Runs what may wait for the disk beside the loops.
///
/// Reports have one queue and changes another, so a long report delays no change, and the readers of the ledger that requests
/// need stay free.
package enum AdminWork: Sendable {
    case report
    case change

    private static let reports = DispatchQueue(label: "propylon.admin.reports", qos: .utility)
    private static let changes = DispatchQueue(label: "propylon.admin.changes", qos: .userInitiated)

    /// Runs `body` on the queue and returns its result.
    package func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        let queue = self == .report ? Self.reports : Self.changes
        return await withCheckedContinuation { done in
            queue.async { done.resume(returning: body()) }
        }
    }
}
