import Clocks

/// The reason why a wait ended.
package enum Wake: Sendable, Equatable {
    /// Something that the wait was for is ready.
    case ready
    /// The deadline passed first.
    case timedOut
    /// `Socket.interrupt` was called: the waiting code has to check its own state again.
    case interrupted
}

/// Handles a socket's events on its loop, before or instead of a task.
///
/// A handler makes a stream cheap: it forwards a small piece without resuming a task, which costs as much as the forwarding. It also
/// serves an idle connection, which has no task.
package protocol ReadinessHandler: AnyObject {
    /// Called on the socket's loop when the wait would end with `wake`.
    ///
    /// - Returns: a new deadline to handle the event and keep waiting, or nil to end the wait and resume the task. The wait ends in
    ///   any case if the socket is still ready afterwards.
    func socketBecameReady(_ wake: Wake) -> MonotonicTime?
}
