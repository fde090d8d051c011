/// The client's side of one connection: progress of the request, progress of the response, and reuse.
///
/// Methods are events. Each returns the action that the driver has to perform, or throws where the present state does
/// not allow it; none traps.
///
/// ```
/// request     none ─▶ sending ─▶ sent ──────────▶ none   the connection is idle again
///                        └─────▶ cutShort ──────▶ closed
///
/// response    none ─▶ awaited ─▶ head ─▶ body ─▶ complete ─▶ none
///                                  └──▶ switched
/// ```
package struct ClientConnectionState: ~Copyable, Sendable {
    /// Progress of the request that is sent.
    package enum Request: Hashable, Sendable {
        /// No exchange is under way.
        case none
        case sending
        /// The request was sent to its end.
        case sent
        /// The server answered, or closed, before the request's end. The rest is not sent.
        case cutShort
        /// The connection takes no request any more.
        case closed
    }

    /// Progress of the response that is read.
    package enum Response: Hashable, Sendable {
        /// No exchange is under way.
        case none
        /// No byte of the response has come.
        case awaited
        /// The head has begun: an interim response (1xx), or the final one.
        case head
        case body
        case complete
        /// 101: the connection speaks another protocol.
        case switched
    }

    package private(set) var request = Request.none
    package private(set) var response = Response.none
    /// True once an exchange was completed. Only then can the server have closed the connection for being idle.
    package private(set) var wasUsed = false
    /// Persistence that the response's head allows.
    private var keepsAlive = true
    /// True where the request asks for another protocol, so that 101 may answer it.
    private var asksForUpgrade = false

    /// A connection that has just been opened.
    package init() {}

    // MARK: Sending a request

    /// A request is about to be sent.
    ///
    /// - Parameter asksForUpgrade: true where it has `upgrade` (RFC 9110, section 7.8).
    package mutating func requestStarted(asksForUpgrade: Bool) throws(ConnectionStateError) {
        guard request == .none else { throw .unexpectedEvent }
        request = .sending
        response = .awaited
        keepsAlive = true
        self.asksForUpgrade = asksForUpgrade
    }

    /// The last byte of the request was sent. Changes nothing for a request that was cut short.
    package mutating func requestSent() throws(ConnectionStateError) {
        switch request {
        case .sending: request = .sent
        case .sent, .cutShort: break
        case .none, .closed: throw .unexpectedEvent
        }
    }

    /// The rest of the request will not be sent: the server has begun to answer, or has closed.
    package mutating func requestCutShort() throws(ConnectionStateError) {
        switch request {
        case .sending, .sent, .cutShort: request = .cutShort
        case .none, .closed: throw .unexpectedEvent
        }
    }

    // MARK: Reading the response

    /// Bytes of the response have come. They may be an interim response (1xx), after which the request continues.
    ///
    /// - Throws: `.unexpectedEvent` where no response is under way: the server sent bytes that nothing had asked for.
    package mutating func responseBytesReceived() throws(ConnectionStateError) {
        switch response {
        case .awaited: response = .head
        case .head, .body: break
        case .none, .complete, .switched: throw .unexpectedEvent
        }
    }

    /// The final response's head is complete. It may begin a body, or be all of the response. A request that is still sent
    /// is cut short.
    ///
    /// - Throws: `.uninvitedSwitch` for a 101 to a request that asked for no other protocol (RFC 9110, section 15.2.2), or that
    ///   was not sent to its end.
    package mutating func headReceived(_ head: ResponseHead) throws(ConnectionStateError) {
        guard response == .head else { throw .unexpectedEvent }
        keepsAlive = head.keepAlive
        if head.status == 101 {
            guard asksForUpgrade, request == .sent else { throw .uninvitedSwitch }
            response = .switched
        } else {
            if request == .sending { request = .cutShort }
            response = head.framing == .none || head.framing == .length(0) ? .complete : .body
        }
    }

    /// The last byte of the body has been read.
    package mutating func bodyReceived() throws(ConnectionStateError) {
        guard response == .body else { throw .unexpectedEvent }
        response = .complete
    }

    /// The server closed the connection, which is the end of a body that lasts until then.
    package mutating func bodyEndedByClose() throws(ConnectionStateError) {
        try bodyReceived()
        keepsAlive = false
    }

    // MARK: Reuse

    /// Returns true where a request may be sent once more on another connection after this one was closed.
    ///
    /// The connection must have been used before, so that the server may have closed it for being idle, and no byte of
    /// a response may have come. A request that is not idempotent must not have reached the server (RFC 9110, section
    /// 9.2.2).
    package func mayRetry(isIdempotent: Bool, wasReceived: @autoclosure () -> Bool) -> Bool {
        wasUsed && response == .awaited && (isIdempotent || !wasReceived())
    }

    /// The exchange has ended, complete or not.
    ///
    /// - Parameter isQuiet: no bytes are left to send or to read, and the server has not closed.
    /// - Returns: true where the connection may be kept for another request; else it is to be closed.
    package mutating func exchangeEnded(isQuiet: Bool) -> Bool {
        let isReusable = isQuiet && keepsAlive && request == .sent && response == .complete
        request = isReusable ? .none : .closed
        response = .none
        if isReusable { wasUsed = true }
        return isReusable
    }

    /// The connection is handed over to the protocol that 101 has switched to, and takes no request any more.
    package mutating func handedOver() throws(ConnectionStateError) {
        guard response == .switched else { throw .unexpectedEvent }
        request = .closed
        response = .none
    }
}
