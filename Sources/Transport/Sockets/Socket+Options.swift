import CLinux
import Glibc

/// Options and counters of TCP.
extension Socket {
    /// Sends small pieces at once: turns off Nagle's algorithm (RFC 9293, section 3.7.4) on the descriptor `number`.
    static func disableNagle(on number: Int32) {
        var on: Int32 = 1
        setsockopt(number, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Makes the kernel acknowledge small pieces in twos. Sending an acknowledgement costs three times as much as reading.
    ///
    /// The kernel (Linux) returns to its usual way by itself when an acknowledgement is 40 ms late. A peer with Nagle's algorithm
    /// on (RFC 9293, section 3.7.4) sends nothing before the acknowledgement, so it waits once for that time.
    package func delayAcknowledgements() {
        var off: Int32 = 0
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_QUICKACK, &off, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Makes `close` reset the connection.
    func resetOnClose() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    /// The number of bytes that the peer's TCP has acknowledged on this connection; nil when the system does not know it.
    ///
    /// It is known after a reset too: the peer cannot have seen a request of which no byte was acknowledged.
    package var acknowledgedBytes: UInt64? {
        var bytes: UInt64 = 0
        return CLinux_acknowledgedBytes(descriptor, &bytes) == 0 ? bytes : nil
    }
}
