import HTTP1
import HTTPClient
import OpenAIAPI
import Policy

/// The reason for which a WebSocket ends: the one table of what each side is sent, and of what is recorded.
enum TunnelEnd {
    /// Both peers have closed it, one after the other.
    case closed
    /// The client's connection ended without a close frame.
    case clientGone
    /// The upstream's connection ended without a close frame.
    case upstreamGone
    /// The client sent what is no frame.
    case clientFault(WebSocketFault)
    /// The upstream sent what is no frame.
    case upstreamFault(WebSocketFault)
    /// No byte came in either direction for too long.
    case idle
    /// The gateway shuts down.
    case draining
    /// The gateway ends all connections at once.
    case aborted
    /// The administrator has ended it.
    case cancelled
    /// The key is no longer valid, or no longer allows it.
    case refused(RequestFailure)
    /// The limits have no room for another minute.
    case overrun

    /// The close frame for the client.
    var closeForClient: WebSocketClose {
        switch self {
        case .closed: WebSocketClose(.normal)
        case .clientGone: WebSocketClose(.goingAway)
        case .upstreamGone, .upstreamFault:
            WebSocketClose(.internalError, "upstream_interrupted: the service behind the gateway ended the connection")
        case .clientFault(let fault): WebSocketClose(.protocolError, fault.rawValue)
        case .idle: WebSocketClose(.goingAway, "idle_timeout: no message for too long; connect again")
        case .draining, .aborted: WebSocketClose(.goingAway, "draining: the gateway is shutting down; connect again")
        case .cancelled:
            WebSocketClose(.policyViolation, "request_cancelled: the administrator has ended the session")
        case .refused(let failure):
            WebSocketClose(
                .policyViolation, failure.error.map { "\($0.code): \($0.message)" } ?? failure.cause.rawValue)
        case .overrun:
            WebSocketClose(
                .policyViolation, "budget_exceeded: the limits of this key have no room for another minute")
        }
    }

    /// The close frame for the upstream, which learns nothing about the client.
    var closeForUpstream: WebSocketClose {
        switch self {
        case .closed: WebSocketClose(.normal)
        case .upstreamFault: WebSocketClose(.protocolError)
        case .clientGone, .upstreamGone, .clientFault, .idle, .draining, .aborted, .cancelled, .refused,
            .overrun:
            WebSocketClose(.goingAway)
        }
    }

    /// The ending that the ledger states.
    var ending: Ending {
        switch self {
        case .closed: .complete
        case .clientGone, .clientFault: .clientGone
        case .upstreamGone, .upstreamFault: .upstreamInterrupted
        case .idle: .idleTimeout
        case .draining, .aborted: .drained
        case .cancelled: .cancelled
        case .refused: .keyRefused
        case .overrun: .overrun
        }
    }

    /// The failure for the log and the metrics; nil where nothing failed.
    var failure: RequestFailure? {
        func failure(_ cause: Cause, _ detail: String? = nil) -> RequestFailure {
            RequestFailure(cause, detail: detail, wasSent: true, error: nil, ending: ending)
        }
        return switch self {
        case .closed, .idle, .draining, .aborted: nil
        case .clientGone: .clientGone(wasSent: true)
        case .upstreamGone: failure(.upstreamInterrupted)
        case .clientFault(let fault): failure(.invalidRequest, fault.rawValue)
        case .upstreamFault(let fault): failure(.upstreamMalformed, fault.rawValue)
        case .cancelled: .cancelled(wasSent: true)
        case .refused(let refusal): failure(refusal.cause)
        case .overrun: .overrun
        }
    }
}
