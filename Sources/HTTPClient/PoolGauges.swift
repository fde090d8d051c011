import Synchronization

/// Connection counts of one pool, readable from any thread.
package final class PoolGauges: Sendable {
    /// Connections that are open or being opened.
    package let open = Atomic<Int>(0)
    /// Open connections without an exchange.
    package let idle = Atomic<Int>(0)
}
