/// Synchronous receiver of a response's body.
///
/// Called on the connection's loop, usually without resuming the task that waits: a switch of tasks costs more than
/// forwarding a small piece.
package protocol ResponseBodySink: AnyObject {
    /// Receives a piece of the body, which is valid during the call.
    func receive(_ piece: Span<UInt8>)

    /// Called after the pieces of each read. Return false to make `readBody` return.
    func shouldContinue() -> Bool
}

/// Collects a whole body in memory, up to a limit.
final class WholeBodySink: ResponseBodySink {
    private(set) var bytes: [UInt8] = []
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    func receive(_ piece: Span<UInt8>) { piece.withUnsafeBufferPointer { bytes.append(contentsOf: $0) } }

    func shouldContinue() -> Bool { bytes.count <= limit }
}
