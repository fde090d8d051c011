/// Actions that a driver performs for the state.
extension ServerConnectionState {
    /// Next act of a driver whose handler reads the body.
    package enum BodyRead: Hashable, Sendable {
        /// Read more bytes.
        case read
        /// Send 100 (Continue), then read.
        case sendContinue
        /// The body has been read to its end.
        case complete
        /// No body can be read: it failed before, or there is no request.
        case failed
    }

    /// Form in which bytes of a body are written.
    @usableFromInline package enum BodyWrite: Hashable, Sendable {
        /// As they are.
        case plain
        /// As one chunk.
        case chunk
        /// Not at all.
        case discard
    }

    /// Fate of the connection after an exchange.
    package enum AfterExchange: Hashable, Sendable {
        /// Another request may come.
        case readNextRequest
        /// Read the rest of the request's body and drop it: another request may come after it.
        case discardBody
        /// Close now: no response was started.
        case close
        /// Finish sending, and wait until the client has seen the end (RFC 9112, section 9.6).
        case linger
        /// Close with a reset: an orderly close would make an incomplete response look complete.
        case reset
    }
}
