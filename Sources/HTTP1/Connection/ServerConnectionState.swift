/// What a server does with a connection when a response is complete.
package enum AfterResponse: Hashable, Sendable {
    /// Read the next request.
    case keepOpen
    /// Close the connection (send what is left, then close).
    case close
}

/// The server's side of one connection: which message is under way, and whether another may follow (RFC 9112, 9.3 and
/// 9.6).
///
/// ```
///          requestHeadStarted      requestHeadComplete             responseComplete
///   idle ─────────────────▶ reading ───────────────▶ exchange ──────────────────────▶ idle
///     │                        │                        ▲  │                           or
///     │ drain                  └────────── failed ──────┘  └─────────────────────────▶ closing
///     └──────────────────────────────────────────────────────────────────────────────▶ closing
/// ```
/// `failed` leads to an exchange too, since a fault is answered before the connection closes.
package struct ServerConnectionState: Sendable {
    private enum State: Sendable {
        case idle
        case reading
        case exchange(Exchange)
        case closing
    }

    private struct Exchange: Sendable {
        var requestKeepsAlive: Bool
        var requestBodyIsComplete: Bool
        /// What the response's head announced; nil while none is written.
        var responseKeepsAlive: Bool?
        var hasFailed = false

        var canBeFollowed: Bool {
            requestKeepsAlive && requestBodyIsComplete && !hasFailed && responseKeepsAlive != false
        }
    }

    private var state = State.idle
    private var isDraining = false

    /// A connection on which nothing has come yet.
    package init() {}

    /// Whether no request is under way.
    package var isIdle: Bool {
        if case .idle = state { true } else { false }
    }

    /// Whether the connection ends with the present response, as far as is known now: what its head has to announce
    /// with `connection: close`. True as well while the request's body is not read to its end, since what is unread
    /// stands in the way of the next request. Without a request under way: whether the connection has to be closed.
    package var mustClose: Bool {
        switch state {
        case .idle, .reading: isDraining
        case .exchange(let exchange): isDraining || !exchange.canBeFollowed
        case .closing: true
        }
    }

    /// The first byte of a head has come. Optional: it keeps `drain` from closing under a request that is on its way.
    package mutating func requestHeadStarted() {
        guard case .idle = state else { return }
        state = .reading
    }

    /// A request's head has come; a response is now due. `head.framing` tells whether its body is complete at once.
    package mutating func requestHeadComplete(_ head: RequestHead) {
        switch state {
        case .idle, .reading: break
        case .exchange, .closing: preconditionFailure("a request before the response to the last one is complete")
        }
        let hasBody = head.framing != .none && head.framing != .length(0)
        state = .exchange(Exchange(requestKeepsAlive: head.keepAlive, requestBodyIsComplete: !hasBody))
    }

    /// The request's body has been read to its end.
    package mutating func requestBodyComplete() {
        update { $0.requestBodyIsComplete = true }
    }

    /// The final response's head was written. `keepAlive`: false where `connection: close` was sent or the body ends
    /// with the connection. 1xx responses do not count.
    package mutating func responseStarted(keepAlive: Bool) {
        update { $0.responseKeepsAlive = keepAlive }
    }

    /// The response was written to its end.
    package mutating func responseComplete() -> AfterResponse {
        guard case .exchange(let exchange) = state else { preconditionFailure("a response without a request") }
        guard exchange.responseKeepsAlive == true, exchange.canBeFollowed, !isDraining else {
            state = .closing
            return .close
        }
        state = .idle
        return .keepOpen
    }

    /// The framing of what comes in is in doubt, or it did not come in time. A response may still be written, none
    /// after it.
    package mutating func failed() {
        switch state {
        case .idle, .reading:
            state = .exchange(Exchange(requestKeepsAlive: false, requestBodyIsComplete: false, hasFailed: true))
        case .exchange: update { $0.hasFailed = true }
        case .closing: break
        }
    }

    /// The connection shall end after the response under way. `.close`: there is none, close it now.
    @discardableResult
    package mutating func drain() -> AfterResponse {
        isDraining = true
        // A whole head may have come in the same moment: it is answered, so that an idle connection is not closed here.
        switch state {
        case .idle, .closing: return .close
        case .reading, .exchange: return .keepOpen
        }
    }

    private mutating func update(_ change: (inout Exchange) -> Void) {
        guard case .exchange(var exchange) = state else {
            preconditionFailure("an event of a request that is not there")
        }
        change(&exchange)
        state = .exchange(exchange)
    }
}
