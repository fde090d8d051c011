import Transport

/// A whole request, ready to be sent, and sent again in a retry.
package final class ClientRequest {
    /// The request's body. The head announces its length.
    package enum Body {
        case none
        case bytes([UInt8])
        case stored(any StoredBody)
    }

    /// The head as it is sent, with the empty line at its end.
    package let head: [UInt8]
    package let body: Body
    /// True for the method HEAD, whose response has no body.
    package let isHEAD: Bool
    /// True where sending it twice has the effect of sending it once (RFC 9110, section 9.2.2).
    package let isIdempotent: Bool
    /// Socket of the client for which it is sent. Watched until the response's head is complete.
    package let clientSocket: Socket?
    /// True where the head asks for another protocol. Only then 101 is a response to it.
    package let asksForUpgrade: Bool
    /// Looks for that client when it has closed its sending half. Without one the exchange continues, wherever the client is.
    package let probe: (any ClientProbe)?
    /// True where a byte of the request may have reached the server, and may have been acted upon.
    package internal(set) var wasSent = false

    /// A request of `head` and `body`.
    package init(
        head: [UInt8], body: Body, isHEAD: Bool = false, isIdempotent: Bool, asksForUpgrade: Bool = false,
        clientSocket: Socket? = nil, probe: (any ClientProbe)? = nil
    ) {
        self.head = head
        self.body = body
        self.isHEAD = isHEAD
        self.isIdempotent = isIdempotent
        self.asksForUpgrade = asksForUpgrade
        self.clientSocket = clientSocket
        self.probe = probe
    }
}
