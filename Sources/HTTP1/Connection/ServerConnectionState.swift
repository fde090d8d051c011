/// The server's side of one connection: progress of the request, progress of the response, and shutdown.
///
/// Methods are events. Each returns the action that the driver has to perform; the state keeps no bytes and does no
/// I/O. An event that the present state does not allow never traps: on the request's side it throws, on the response's
/// side it aborts the response, so that the client sees an incomplete one.
///
/// ```
/// request     idle ─▶ head ─▶ continueExpected ─▶ body ─▶ complete ──┐
///               │       │             │             │        │       ├─▶ idle    another request may follow
///               └───────┴─────────────┴─▶ failed ◀──┴────────┘───────┴─▶ closed  the connection ends
///
/// response    none ─▶ due ─▶ sized, chunked, untilClose, bodiless ─▶ complete ─▶ none
///                      │                     │                          │
///                      ├─▶ switched          └──────▶ aborted ◀─────────┘
///                      └──────────────────────────────▶ aborted
/// ```
@usableFromInline package struct ServerConnectionState: ~Copyable, Sendable {
    /// Progress of the request that is read.
    @usableFromInline package enum Request: Hashable, Sendable {
        /// No byte of a head has come since the connection began or the last exchange ended.
        case idle
        /// A head has begun.
        case head
        /// The head is complete, and the client waits for 100 (Continue) before it sends its body.
        case continueExpected
        /// The body is due.
        case body
        /// The request was read to its end.
        case complete
        /// The framing is in doubt, or the head did not come in time: no byte after it means anything.
        case failed
        /// The connection takes no request any more.
        case closed
    }

    /// Progress of the response that is written.
    @usableFromInline package enum Response: Hashable, Sendable {
        /// No request is there to respond to.
        case none
        /// A response is due and has not started.
        case due
        /// `remaining` bytes of the body are missing.
        case sized(remaining: Int)
        case chunked
        /// The close of the connection ends the body.
        case untilClose
        /// The head is the whole response.
        case bodiless
        case complete
        /// Cut short. `looksComplete` where an orderly close would pass for the body's end.
        case aborted(looksComplete: Bool)
        /// The connection speaks another protocol, and ends with it.
        case switched
    }

    /// Stages of a shutdown; a later one is never taken back.
    @usableFromInline package enum Shutdown: Hashable, Sendable {
        case none
        /// The next response is the last one, unless the exchange under way has promised another.
        case retiring
        /// The exchange under way is the last one.
        case draining
        /// The connection ends at once.
        case aborted
    }

    @usableFromInline package private(set) var request = Request.idle
    @usableFromInline package private(set) var response = Response.none
    @usableFromInline package private(set) var shutdown = Shutdown.none
    /// Persistence that the request allows (RFC 9112, section 9.3).
    private var requestKeepsAlive = false
    /// Persistence that the response's head has announced.
    private var responseKeepsAlive = false
    private var answersHEAD = false
    private var version = HTTPVersion.http11

    /// A connection on which nothing has come yet.
    package init() {}

    // MARK: Reading a request

    /// True while no byte of a head has come.
    @inlinable package var isIdle: Bool { if case .idle = request { true } else { false } }

    /// True while a head may be read. A head that has begun is read to its end even when the server drains.
    package var mayReadHead: Bool {
        switch request {
        case .idle: shutdown == .none || shutdown == .retiring
        case .head: shutdown != .aborted
        case .continueExpected, .body, .complete, .failed, .closed: false
        }
    }

    /// Bytes of a head have come.
    ///
    /// - Returns: true for the first ones, from which the head's timeout counts.
    package mutating func headBytesReceived() throws(ConnectionStateError) -> Bool {
        switch request {
        case .idle:
            request = .head
            return true
        case .head: return false
        case .continueExpected, .body, .complete, .failed, .closed: throw .unexpectedEvent
        }
    }

    /// A request's head is complete. A response is now due.
    package mutating func headReceived(_ head: RequestHead) throws(ConnectionStateError) {
        guard request == .idle || request == .head else { throw .unexpectedEvent }
        requestKeepsAlive = head.keepAlive
        answersHEAD = head.fields.equals(head.method, "head")
        version = head.version
        request =
            switch head.framing {
            case .none, .length(0): .complete
            case .length, .chunked, .untilClose: head.expectsContinue ? .continueExpected : .body
            }
        response = .due
    }

    /// The handler wants more of the body.
    ///
    /// - Parameter hasUnreadInput: bytes were received and not used. A client that sends its body unasked needs no 100,
    ///   and after the response's head none may be sent (RFC 9110, section 10.1.1).
    package mutating func bodyWanted(hasUnreadInput: Bool) -> BodyRead {
        switch request {
        case .continueExpected:
            request = .body
            return hasUnreadInput || response != .due ? .read : .sendContinue
        case .body: return .read
        case .complete: return .complete
        case .idle, .head, .failed, .closed: return .failed
        }
    }

    /// The last byte of the request's body has been read.
    package mutating func bodyReceived() throws(ConnectionStateError) {
        switch request {
        case .continueExpected, .body: request = .complete
        case .idle, .head, .complete, .failed, .closed: throw .unexpectedEvent
        }
    }

    /// The request is malformed or late. A response may still be written, and none after it.
    package mutating func requestFailed() {
        switch request {
        case .idle, .head:
            request = .failed
            response = .due
            // The response is not to a request that is known: it has a body, in the server's own version.
            answersHEAD = false
            version = .http11
        case .continueExpected, .body, .complete: request = .failed
        case .failed, .closed: break
        }
    }

    // MARK: Writing a response

    /// True once the response's head is on its way: too late for another status.
    @inlinable package var responseHasStarted: Bool {
        switch response {
        case .none, .due: false
        case .sized, .chunked, .untilClose, .bodiless, .complete, .aborted, .switched: true
        }
    }

    /// Begins a final response, of status 200 to 999.
    ///
    /// - Returns: the framing and `connection` fields to write; nil where no response is due, and one under way is then
    ///   aborted.
    package mutating func startResponse(status: Int, length: ResponseLength) -> ResponseStart? {
        guard case .due = response else {
            abortResponse()
            return nil
        }
        let framing = ResponseFraming(length, status: status, answeringHEAD: answersHEAD, version: version)
        switch framing {
        case .bodiless: response = .bodiless
        case .sized(let length): response = .sized(remaining: length)
        case .chunked: response = .chunked
        case .untilClose: response = .untilClose
        }
        responseKeepsAlive = framing != .untilClose && mayBeFollowed && shutdown == .none
        guard responseKeepsAlive else { return ResponseStart(framing: framing, persistence: .close) }
        return ResponseStart(framing: framing, persistence: version == .http10 ? .keepAlive : .byDefault)
    }

    /// The handler writes `count` bytes of the body; `count` is above 0.
    ///
    /// A body longer than announced aborts the response: the client would read the excess as the next response.
    @inlinable package mutating func bodyWritten(_ count: Int) -> BodyWrite {
        switch response {
        case .chunked: return .chunk
        case .sized(let remaining) where count <= remaining:
            response = .sized(remaining: remaining - count)
            return .plain
        case .untilClose: return .plain
        case .bodiless: return .discard
        case .none, .due, .sized, .complete, .aborted, .switched:
            abortResponse()
            return .discard
        }
    }

    /// The handler has written the whole body. One that is shorter than announced is aborted instead.
    ///
    /// - Returns: true where the last chunk is to be written.
    package mutating func responseFinished() -> Bool {
        switch response {
        case .chunked:
            response = .complete
            return true
        case .sized(remaining: 0), .untilClose, .bodiless: response = .complete
        case .sized, .due: abortResponse()
        case .none, .complete, .aborted, .switched: break
        }
        return false
    }

    /// The response is to look incomplete to the client. What was written of it is still sent.
    @usableFromInline package mutating func abortResponse() {
        switch response {
        case .untilClose: response = .aborted(looksComplete: true)
        case .due, .sized, .chunked, .bodiless, .complete: response = .aborted(looksComplete: false)
        case .none, .aborted, .switched: break
        }
    }

    /// The handler agrees to another protocol, with 101 (Switching Protocols).
    ///
    /// - Returns: false where no response is due; one under way is then aborted.
    package mutating func protocolsSwitched() -> Bool {
        guard case .due = response else {
            abortResponse()
            return false
        }
        response = .switched
        return true
    }

    /// The handler is done, and all that it wrote is sent. Call it again after `.discardBody`.
    package mutating func exchangeEnded() -> AfterExchange {
        let ended = response
        if ended == .complete, responseKeepsAlive, mayBeFollowed {
            if request == .body { return .discardBody }
            response = .none
            request = .idle
            return .readNextRequest
        }
        response = .none
        request = .closed
        switch ended {
        case .none, .due: return .close
        case .aborted(looksComplete: true), .untilClose: return .reset
        case .aborted(looksComplete: false), .complete, .sized, .chunked, .bodiless, .switched: return .linger
        }
    }

    /// True while the client keeps the connection, it does not end now, and the request's end is read or on its way.
    /// A client that waits for 100 (Continue) may leave its body out, so nothing after its request can be told apart.
    private var mayBeFollowed: Bool {
        requestKeepsAlive && (request == .complete || request == .body)
            && (shutdown == .none || shutdown == .retiring)
    }

    // MARK: Shutdown

    /// The next response is to be the last one. A response that has announced another exchange keeps its promise.
    package mutating func retire() {
        if shutdown == .none { shutdown = .retiring }
    }

    /// The exchange under way is to be the last one.
    ///
    /// - Returns: true where the present wait is to be interrupted: the connection is idle, or speaks another protocol, which is
    ///   to be ended.
    package mutating func drain() -> Bool {
        if shutdown != .aborted { shutdown = .draining }
        return request == .idle || response == .switched
    }

    /// True once the connection is to end at once.
    @inlinable package var isAborted: Bool { if case .aborted = shutdown { true } else { false } }

    /// The connection is to end at once.
    package mutating func abortConnection() { shutdown = .aborted }
}

/// An event came in a state that does not allow it.
package enum ConnectionStateError: Error, Hashable, Sendable {
    case unexpectedEvent
    /// The server switches to a protocol that it was not asked for.
    case uninvitedSwitch
}
