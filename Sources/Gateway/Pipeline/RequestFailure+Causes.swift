import HTTP1
import HTTPClient
import HTTPServer
import OpenAIAPI
import Policy

/// Every error of other rooms becomes a failure here, and nowhere else.
extension RequestFailure {
    /// A failure to read the request from the client, or to send a response to it.
    static func exchange(_ error: ExchangeError) -> RequestFailure {
        switch error {
        case .malformed(let fault): .malformed(fault)
        case .timedOut: .refused(.requestTimeout)
        case .clientGone: .clientGone()
        }
    }

    /// The request is not HTTP, or can be read in two ways.
    static func malformed(_ fault: HTTP1Error) -> RequestFailure {
        .refused(.malformedHTTP(status: fault.status, code: fault.code, message: fault.message))
    }

    /// The key is not known, or no longer valid.
    static func key(_ refusal: KeyRefusal) -> RequestFailure {
        switch refusal {
        case .unknown: .refused(.invalidAPIKey)
        case .expired: .refused(.keyExpired)
        case .suspended: .refused(.keySuspended)
        case .revoked, .rotated: .refused(.keyRevoked)
        }
    }

    /// The key's tier does not allow the request.
    static func admission(_ refusal: AdmissionRefusal, endpoint: Endpoint, model: String?) -> RequestFailure {
        switch refusal {
        case .modelNotAllowed: .refused(.modelNotAllowed(model ?? ""))
        case .modelNotNamed: .refused(.modelNotNamed)
        case .endpointNotAllowed: .refused(.endpointNotAllowed(endpoint.name))
        case .tierUnknown(let tier): .refused(.tierUnknown(tier))
        }
    }

    /// The gateway's store is out of reach, so nothing may be used.
    static var storeUnavailable: RequestFailure { .refused(.storeUnavailable) }

    /// The upstream's response is not what the endpoint answers with.
    static var brokenResponse: RequestFailure { .upstream(UpstreamFailure(.truncated, wasSent: true)) }

    /// The response must not pass: keys in it could not be masked.
    static func obstacle(_ obstacle: ResponseTransform.Obstacle) -> RequestFailure {
        RequestFailure(
            .upstream, wasSent: true, error: .upstreamProtocol, ending: .upstreamInterrupted, cause: obstacle.rawValue)
    }

    /// The client's handshake is not valid.
    static func handshake(_ fault: WebSocketHandshake.Fault) -> RequestFailure {
        switch fault {
        case .unsupportedVersion: .refused(.upgradeRequired)
        case .hasBody: .refused(.invalidHandshake("a request without a body"))
        case .invalidKey: .refused(.invalidHandshake("one 'sec-websocket-key' of 16 bytes in base64"))
        case .invalidList:
            .refused(.invalidHandshake("tokens in 'sec-websocket-protocol' and 'sec-websocket-extensions'"))
        }
    }

    /// The upstream's 101 is not the agreement to the client's handshake.
    static func handshake(_ refusal: WebSocketHandshake.Refusal) -> RequestFailure {
        RequestFailure(
            .upstream, wasSent: true, error: .upstreamProtocol, ending: .upstreamFailed,
            cause: "handshake: \(refusal.rawValue)")
    }

    /// The upstream gave no response that counts.
    static func upstream(_ failure: UpstreamFailure) -> RequestFailure {
        let wasSent = failure.wasSent
        func upstream(_ error: APIError, _ cause: String, _ ending: Ending = .upstreamFailed) -> RequestFailure {
            RequestFailure(.upstream, wasSent: wasSent, error: error, ending: ending, cause: cause)
        }
        switch failure.cause {
        case .keysRefused: return upstream(.upstreamAuth, "keys_refused")
        case .client(let error):
            switch error {
            case .unreachable(let reason): return upstream(.upstreamUnreachable, "unreachable: \(reason)")
            case .proxy(let failure): return upstream(.upstreamUnreachable, "\(failure)")
            case .tls: return upstream(.upstreamTLS, "tls")
            case .exhausted:
                return RequestFailure(
                    .gateway, wasSent: false, error: .upstreamConnectionsExhausted, ending: .refused,
                    cause: "upstream.max_connections is reached")
            case .broken: return upstream(.upstreamProtocol, "connection_broken")
            case .truncated: return upstream(.upstreamProtocol, "truncated")
            case .malformed(let fault): return upstream(.upstreamProtocol, "malformed: \(fault.code)")
            case .uninvitedSwitch: return upstream(.upstreamProtocol, "uninvited_switch")
            case .timedOut: return upstream(.upstreamTimeout, "timeout", .upstreamTimeout)
            case .unreadableBody:
                return RequestFailure(
                    .gateway, wasSent: wasSent, error: .storeUnavailable, ending: .refused, cause: "unreadable_body")
            case .clientGone: return .clientGone(wasSent: wasSent)
            }
        }
    }
}
