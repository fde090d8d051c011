import Synchronization

/// A box that hands one value over, once, where a closure or an array cannot hold the value itself because it cannot be copied.
///
/// ```swift
/// let handoff = Handoff(try Listener(address))
/// loop.spawn {
///     guard let listener = handoff.take() else { return }
///     // `listener` belongs to this task now.
/// }
/// ```
///
/// A value that is never taken ends with the box.
package final class Handoff<Value: ~Copyable & Sendable>: Sendable {
    private let value: Mutex<Value?>

    /// A box that holds `value`.
    package init(_ value: consuming Value) { self.value = Mutex(value) }

    /// The value at the first call; nil afterwards. Any thread may call it.
    package func take() -> Value? { value.withLock { $0.take() } }
}
