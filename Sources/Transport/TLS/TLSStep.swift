/// The result of one step of a TLS connection.
package enum TLSStep: Equatable, Sendable {
    /// The step is complete; the number of content bytes that it moved.
    case done(Int)
    /// Repeat the step when the descriptor is readable.
    case wantsRead
    /// Repeat the step when the descriptor is writable. Repeat a write with at least the same bytes.
    case wantsWrite
    /// The peer sent `close_notify`: it has finished sending, and no byte is missing.
    case closed
}
