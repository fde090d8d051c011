import Clocks
import Transport

/// Finds out whether a client that has closed its sending half is still there.
///
/// It may have left, or may wait for the response. The peer's system tells the two apart when bytes come: for a socket that was
/// closed it resets the connection. It acknowledges keepalive probes of TCP all the same, so these tell nothing.
package protocol ClientProbe: AnyObject {
    /// Sends the client something that a response may have before it or in it. Called on the loop.
    ///
    /// A client that has left is then `Readiness.broken`.
    func probeClient()
}

/// The watch on a client while its response is awaited.
struct ClientWatch {
    /// The readiness of the client that ends the wait.
    private(set) var interest = Readiness.peerFinished
    /// The time at which the client is to be probed.
    private(set) var probeDue = MonotonicTime.never

    /// Notes at `now` that the client is ready for `interest`. Returns false where it has left.
    ///
    /// - Parameter grace: `ClientLimits.probeGrace`; nil where the response is awaited wherever the client is.
    mutating func becameReady(at now: MonotonicTime, grace: Duration?) -> Bool {
        guard interest == .peerFinished else { return false }
        // Without an interest the client can still be interrupted.
        interest = grace == nil ? [] : .broken
        if let grace { probeDue = now + grace }
        return true
    }

    /// Returns true once when the probe is due at `now`.
    mutating func takesProbe(at now: MonotonicTime) -> Bool {
        guard now >= probeDue else { return false }
        probeDue = .never
        return true
    }
}
