import Synchronization

/// The hold of work that is billed later, a batch: it lasts in every window until it ends, unlike a `Reservation`.
///
/// It counts against budgets and against limits of tokens a day or longer (`LimitKind.countsBatches`). The upstream runs batches at
/// its own pace, so that limits of a minute or an hour do not apply. Ends with `Limiter.settle`, at the first call.
package final class LastingHold: Sendable {
    /// The lines, each output with a bound.
    package let lines: BatchLines
    /// The scopes that count all of it.
    let scopes: ScopeTable.Indices
    /// The amounts that are held, also in the parts for models.
    let held: [BatchShare]
    private let hasEnded = Atomic<Bool>(false)

    init(_ lines: BatchLines, _ scopes: ScopeTable.Indices, _ held: [BatchShare]) {
        self.lines = lines
        self.scopes = scopes
        self.held = held
    }

    /// Ends the hold. Returns true at the first call.
    func end() -> Bool { !hasEnded.exchange(true, ordering: .relaxed) }
}
