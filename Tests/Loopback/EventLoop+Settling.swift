import Transport

extension EventLoop {
    /// Lets the loop run `rounds` rounds: what was ready when this was called has run by then, up to its next wait.
    ///
    /// A task that was started on the loop before waits for its socket afterwards, and after `ManualTime.advance` all deadlines
    /// that have passed have fired.
    package func settle(rounds: Int = 8) async {
        for _ in 0..<rounds {
            await withCheckedContinuation { continuation in execute { continuation.resume() } }
        }
    }
}
