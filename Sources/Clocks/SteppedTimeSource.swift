/// A clock that stands still until somebody steps it, as tests do.
///
/// No timer of the system can announce its moments, so everything that waits for one registers here.
package protocol SteppedTimeSource: TimeSource {
    /// Calls `action` after each step, on the thread that steps the clock. The clock keeps `action` for life.
    func onStep(_ action: @escaping @Sendable () -> Void)
}
