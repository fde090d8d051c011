import Clocks

/// Synchronous receiver of a response's body.
///
/// Called on the connection's loop, usually without resuming the task that waits: a switch of tasks costs more than
/// forwarding a small piece.
package protocol ResponseBodySink: AnyObject {
    /// Receives a piece of the body, which is valid during the call.
    func receive(_ piece: Span<UInt8>)

    /// Called after the pieces of each read. Return false to make `readBody` return.
    func shouldContinue() -> Bool

    /// Called when a wait for bytes begins, and after bytes came during one.
    ///
    /// - Returns: the time until which nothing more than waiting is wanted; nil for `ClientLimits.idleTimeout`, after which the
    ///   reading times out.
    func silenceBegins(at now: MonotonicTime) -> MonotonicTime?

    /// Called when the time that the sink asked for has passed without bytes.
    func silenceLasts(at now: MonotonicTime) -> SilenceAction
}

/// The reaction of a sink to silence of the server.
package enum SilenceAction: Sendable, Equatable {
    /// Wait on, until the time.
    case wait(MonotonicTime)
    /// `readBody` returns; more may come.
    case pause
    /// The server was silent for too long.
    case timeOut
}

/// Sinks that wait for the idle timeout, and do nothing meanwhile.
extension ResponseBodySink {
    package func silenceBegins(at now: MonotonicTime) -> MonotonicTime? { nil }
    package func silenceLasts(at now: MonotonicTime) -> SilenceAction { .timeOut }
}

/// Collects a whole body in memory, up to a limit.
final class WholeBodySink: ResponseBodySink {
    private(set) var bytes: [UInt8] = []
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    func receive(_ piece: Span<UInt8>) { piece.withUnsafeBufferPointer { bytes.append(contentsOf: $0) } }

    func shouldContinue() -> Bool { bytes.count <= limit }
}
