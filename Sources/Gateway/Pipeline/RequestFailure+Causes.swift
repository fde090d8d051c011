import Glibc
import HTTP1
import HTTPClient
import HTTPServer
import OpenAIAPI
import Policy
import Transport

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
    static var brokenResponse: RequestFailure {
        RequestFailure(.upstreamMalformed, wasSent: true, error: .upstreamProtocol, ending: .upstreamFailed)
    }

    /// The response must not pass: keys in it could not be masked.
    static func obstacle(_ obstacle: ResponseTransform.Obstacle) -> RequestFailure {
        RequestFailure(
            .upstreamUnreadable, detail: obstacle.rawValue, wasSent: true, error: .upstreamProtocol,
            ending: .upstreamInterrupted)
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
            .upstreamHandshake, detail: refusal.rawValue, wasSent: true, error: .upstreamProtocol,
            ending: .upstreamFailed)
    }

    /// The upstream gave no response that counts, or broke it off.
    ///
    /// - Parameter hasBegun: true where a part of the response has come.
    static func upstream(_ failure: UpstreamFailure, hasBegun: Bool = false) -> RequestFailure {
        switch failure.reason {
        case .keysRefused:
            RequestFailure(.upstreamKeyRefused, wasSent: failure.wasSent, error: .upstreamAuth, ending: .upstreamFailed)
        case .client(.clientGone): .clientGone(wasSent: failure.wasSent)
        case .client(let error):
            RequestFailure(
                error.cause(hasBegun: hasBegun), detail: error.detail, wasSent: error != .exhausted && failure.wasSent,
                error: error.response, ending: error.ending)
        }
    }
}

/// The table of the upstream's failures.
extension ClientError {
    /// - Parameter hasBegun: true where a part of the response has come.
    func cause(hasBegun: Bool = false) -> Cause {
        switch self {
        case .unreachable(let error): error.cause
        case .proxy: .proxyFailed
        case .tls(.certificate): .upstreamCertificate
        case .tls: .upstreamTLS
        case .exhausted: .poolFull
        case .broken, .truncated: hasBegun ? .upstreamInterrupted : .upstreamClosed
        case .malformed, .uninvitedSwitch: .upstreamMalformed
        case .timedOut: hasBegun ? .upstreamIdleTimeout : .upstreamFirstByteTimeout
        case .unreadableBody: .storeUnavailable
        case .clientGone: .clientGone
        }
    }

    /// The particulars for people: hosts and reasons of the system, never keys or content.
    package var detail: String? {
        switch self {
        case .unreachable(let error): error.description
        case .proxy(let failure): failure.description
        case .tls(let error): error.message
        case .broken(let error), .unreadableBody(let error): error.description
        case .malformed(let fault): fault.code
        case .uninvitedSwitch: "a switch of protocols that nobody asked for"
        case .exhausted, .truncated, .timedOut, .clientGone: nil
        }
    }

    /// The error to respond with.
    fileprivate var response: APIError {
        switch self {
        case .unreachable, .proxy, .clientGone: .upstreamUnreachable
        case .tls: .upstreamTLS
        case .exhausted: .upstreamConnectionsExhausted
        case .broken, .truncated, .malformed, .uninvitedSwitch: .upstreamProtocol
        case .timedOut: .upstreamTimeout
        case .unreadableBody: .storeUnavailable
        }
    }

    fileprivate var ending: Ending {
        switch self {
        case .exhausted, .unreadableBody: .refused
        case .timedOut: .upstreamTimeout
        case .clientGone: .clientGone
        case .unreachable, .proxy, .tls, .broken, .truncated, .malformed, .uninvitedSwitch: .upstreamFailed
        }
    }
}

extension ConnectError {
    fileprivate var cause: Cause {
        switch self {
        case .unknownHost: .upstreamHostUnknown
        case .refused(let error): error.number == ECONNREFUSED ? .upstreamConnectionRefused : .upstreamUnreachable
        case .timedOut: .upstreamConnectTimeout
        case .system: .connectFailed
        }
    }
}
