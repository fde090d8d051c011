import OpenAIAPI
import Policy

/// The reason why a request has no response of the upstream to relay, or none that can be relayed.
///
/// An object, so that every step it is thrown through keeps one pointer for it (`Sources/README.md`, "Tasks keep their
/// deepest frame").
package final class RequestFailure: Error {
    /// The cause, for the row, the log and the metrics.
    package let cause: Cause
    /// The particulars for the log, such as the resolver's reason: without prompt, key or address of the client.
    package let detail: String?
    /// The limit that refused; nil where none did.
    package let limit: LimitName?
    /// True where the request may have reached the upstream, and so may cost something.
    let wasSent: Bool
    /// The error to respond with, which carries the advice on retrying; nil where the client has gone.
    let error: APIError?
    /// The ending that the ledger states.
    let ending: Ending

    package init(
        _ cause: Cause, detail: String? = nil, limit: LimitName? = nil, wasSent: Bool, error: APIError?, ending: Ending
    ) {
        self.cause = cause
        self.detail = detail
        self.limit = limit
        self.wasSent = wasSent
        self.error = error
        self.ending = ending
    }

    /// The status of the ledger's row: 499 where the client left before there was one.
    var status: Int { error?.status ?? 499 }

    /// The gateway refuses the request.
    ///
    /// - Parameters:
    ///   - limit: the limit that refuses it.
    ///   - wasSent: true where a part of it was sent before.
    static func refused(
        _ error: APIError, detail: String? = nil, limit: LimitName? = nil, wasSent: Bool = false
    ) -> RequestFailure {
        RequestFailure(
            Cause(refusalCode: error.code), detail: detail, limit: limit, wasSent: wasSent, error: error,
            ending: .refused)
    }

    /// The client has left.
    static func clientGone(wasSent: Bool = false) -> RequestFailure {
        RequestFailure(.clientGone, wasSent: wasSent, error: nil, ending: .clientGone)
    }

    /// The administrator has ended the request.
    static func cancelled(wasSent: Bool) -> RequestFailure {
        RequestFailure(.requestCancelled, wasSent: wasSent, error: .requestCancelled, ending: .cancelled)
    }

    /// The gateway's shutdown has cut the response.
    static var drained: RequestFailure {
        RequestFailure(.draining, wasSent: true, error: nil, ending: .drained)
    }

    /// A stream ran beyond its limits, and its tier wants it stopped.
    static var overrun: RequestFailure {
        RequestFailure(.overrun, wasSent: true, error: .overrun, ending: .overrun)
    }

    /// The upstream's own error of this status, which passes to the client; nil for every other response.
    static func passing(status: Int) -> RequestFailure? {
        guard status >= 400 else { return nil }
        let cause: Cause =
            switch status {
            case 402: .upstreamKeyRefused
            case 429: .upstreamKeyLimited
            case ..<500: .upstreamRejected
            default: .upstreamError
            }
        return RequestFailure(cause, wasSent: true, error: nil, ending: .complete)
    }
}
