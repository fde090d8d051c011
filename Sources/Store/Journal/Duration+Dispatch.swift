import Bytes
import Dispatch

extension Duration {
    /// The same duration for Dispatch's deadlines.
    var dispatched: DispatchTimeInterval {
        let (seconds, attoseconds) = components
        return .nanoseconds(
            Int(seconds.multipliedSaturated(by: 1_000_000_000).addingSaturated(attoseconds / 1_000_000_000)))
    }
}
