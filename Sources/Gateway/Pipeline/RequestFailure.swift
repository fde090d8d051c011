import OpenAIAPI
import Policy

/// The reason why a request has no response of the upstream to relay, or none that can be relayed.
///
/// An object, so that every step it is thrown through keeps one pointer for it (`Sources/README.md`, "Tasks keep their
/// deepest frame").
final class RequestFailure: Error {
    /// The side that is at fault.
    enum Side: String {
        case client, upstream, gateway
    }

    let side: Side
    /// True where the request may have reached the upstream, and so may cost something.
    let wasSent: Bool
    /// The error to respond with, which carries the advice on retrying; nil where the client has gone.
    let error: APIError?
    /// The ending that the ledger states.
    let ending: Ending
    /// The cause for the log: a few words without prompt, key or address of the client.
    let cause: String

    init(_ side: Side, wasSent: Bool, error: APIError?, ending: Ending, cause: String) {
        self.side = side
        self.wasSent = wasSent
        self.error = error
        self.ending = ending
        self.cause = cause
    }

    /// The status of the ledger's row: 499 where the client left before there was one.
    var status: Int { error?.status ?? 499 }

    /// The gateway refuses the request.
    ///
    /// - Parameter wasSent: true where a part of it was sent before.
    static func refused(_ error: APIError, wasSent: Bool = false) -> RequestFailure {
        RequestFailure(
            error.status >= 500 ? .gateway : .client, wasSent: wasSent, error: error, ending: .refused,
            cause: error.code)
    }

    /// The client has left.
    static func clientGone(wasSent: Bool = false) -> RequestFailure {
        RequestFailure(.client, wasSent: wasSent, error: nil, ending: .clientGone, cause: "client_gone")
    }

    /// A stream ran beyond its limits, and its tier wants it stopped.
    static var overrun: RequestFailure {
        RequestFailure(.client, wasSent: true, error: .overrun, ending: .overrun, cause: "overrun")
    }
}
