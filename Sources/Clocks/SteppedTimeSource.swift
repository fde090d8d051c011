/// A clock that moves only in steps, as a test makes them.
///
/// No timer of the system can announce its moments. Code that waits for a moment registers for the steps instead.
package protocol SteppedTimeSource: TimeSource {
    /// Calls `action` after each step, on the thread that makes the step. The clock keeps `action` until its own end.
    func onStep(_ action: @escaping @Sendable () -> Void)
}
