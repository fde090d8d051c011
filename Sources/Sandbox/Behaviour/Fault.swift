extension Behaviour {
    /// A fault of the response. "Half" is half of the events, or of the bytes where there are no events; in a WebSocket, half of
    /// the frame that echoes the first message.
    enum Fault: Sendable, Equatable {
        /// `status-400` to `status-599`: an error response with that status.
        case status(Int)
        /// `stall`: silence after half.
        case stall
        /// `stall-before`: silence instead of the head.
        case stallBefore
        /// `cut`: the connection ends after half, without a proper end of the response.
        case cut
        /// `cut-before`: the connection ends instead of the head.
        case cutBefore
        /// `reset`: the connection is reset after half.
        case reset
        /// `drip`: the whole response, seven bytes every millisecond.
        case drip
        /// `malformed`: half a document, or an event of broken JSON after half.
        case malformed
        /// `error-event`: an error event after half, then the end. Without events it is `status-500`.
        case errorEvent
        /// `no-done`: a stream without its `[DONE]`.
        case noDone
        /// `wrong-length`: `content-length` announces 16 bytes more than the body has. In a stream it is `cut`.
        case wrongLength
        /// `switch`: 101 (Switching Protocols) instead of the response, although the request asks for no other protocol.
        case switchProtocols
        /// `wrong-accept`: a WebSocket's `sec-websocket-accept` belongs to another key.
        case wrongAccept

        init?(_ text: Substring) {
            switch text {
            case "stall": self = .stall
            case "stall-before": self = .stallBefore
            case "cut": self = .cut
            case "cut-before": self = .cutBefore
            case "reset": self = .reset
            case "drip": self = .drip
            case "malformed": self = .malformed
            case "error-event": self = .errorEvent
            case "no-done": self = .noDone
            case "wrong-length": self = .wrongLength
            case "switch": self = .switchProtocols
            case "wrong-accept": self = .wrongAccept
            default:
                guard text.hasPrefix("status-"), let status = Int(text.dropFirst(7)), (400...599).contains(status)
                else { return nil }
                self = .status(status)
            }
        }

        /// The step in place of the second half of a response.
        var atHalf: SandboxResponse.Step? {
            switch self {
            case .stall: .stall
            case .cut: .cut
            case .reset: .reset
            default: nil
            }
        }
    }

    /// The step in place of the second half of a body of unknown length.
    var breakingStep: SandboxResponse.Step? { fault == .wrongLength ? .cut : fault?.atHalf }

    /// The error response that the fault replaces the response with.
    ///
    /// - Parameter streams: true for a stream of events, which can hold an error event.
    func error(streams: Bool) -> SandboxError? {
        let status: Int
        switch fault {
        case .status(let requested): status = requested
        case .errorEvent where !streams: status = 500
        default: return nil
        }
        var error = SandboxError.requested(status)
        error.behaviour = self
        return error
    }
}
