import Dispatch

extension DispatchQueue {
    /// Runs `body`, which may block, on the queue, and waits for it without a thread.
    package func perform<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { done in async { done.resume(returning: body()) } }
    }
}
