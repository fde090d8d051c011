import Bytes
import Clocks
import HTTP1
import OpenAIAPI
import Policy

/// The end of a request, and the part of the response that the client is still owed when the row is written.
final class Outcome {
    /// The part of the response that is still to be sent.
    enum Reply {
        /// Nothing: the client has gone, or has all of it.
        case nothing
        /// A whole response of the gateway's own, without the upstream.
        case answer([UInt8])
        /// An error of the gateway's own. Nothing was sent before, or the head of a stream and comments.
        case error(APIError)
        /// The last bytes of a whole response, whose head goes first where it was not sent before.
        case finish(ResponseHead, length: Int?, last: [UInt8])
        /// A response that the gateway has read whole, decoded and perhaps changed.
        case rewritten(ResponseHead, body: [UInt8])
        /// The last bytes of a response that is cut, and an error event after them where the framing allows one.
        case cut(last: [UInt8], APIError?)

        /// The error that the client is told; nil for every other reply.
        var error: APIError? {
            switch self {
            case .error(let error): error
            case .cut(_, let error): error
            case .nothing, .answer, .finish, .rewritten: nil
            }
        }
    }

    /// The status that the client is sent; 499 where it left before there was one.
    let status: Int
    let ending: Ending
    let progress: Progress
    let reply: Reply
    /// The metadata of the response, as far as it was seen.
    let metadata: ResponseMetadata?
    /// Bytes of the response's body that the client is sent.
    private(set) var responseBytes: Int64
    /// The gateway's own part of the body: an error, or its event.
    private(set) var ownBytes: [UInt8] = []
    /// The failure, for the log and the metrics; nil where there was none.
    let failure: RequestFailure?
    /// The moment until which a WebSocket is billed; nil for the moment of settlement.
    let usedUntil: MonotonicTime?

    init(
        status: Int, _ ending: Ending, _ progress: Progress, _ reply: Reply, metadata: ResponseMetadata? = nil,
        responseBytes: Int64 = 0, failure: RequestFailure? = nil, usedUntil: MonotonicTime? = nil
    ) {
        self.status = status
        self.ending = ending
        self.progress = progress
        self.reply = reply
        self.metadata = metadata
        self.responseBytes = responseBytes
        self.failure = failure
        self.usedUntil = usedUntil
    }

    /// Takes the gateway's own part of the body.
    ///
    /// - Parameter isSent: false where the response has no body, as to HEAD.
    func add(_ bytes: [UInt8], isSent: Bool) {
        ownBytes = bytes
        if isSent { responseBytes = responseBytes.addingSaturated(Int64(bytes.count)) }
    }

    /// The outcome of a response that was forwarded as it came.
    ///
    /// - Parameters:
    ///   - status: the status that the client is sent; nil for the upstream's.
    ///   - isWhole: true where the response came to its end.
    convenience init(
        _ forwarder: ResponseForwarder, status: Int? = nil, _ ending: Ending, isWhole: Bool, _ reply: Reply,
        failure: RequestFailure? = nil
    ) {
        let metadata = forwarder.transform.metadata
        let counters = metadata?.counters ?? forwarder.transform.counters ?? ResponseCounters()
        let seen = forwarder.head.status
        self.init(
            status: status ?? seen, ending,
            isWhole ? .complete(status: seen, counters) : .answering(status: seen, counters), reply,
            metadata: metadata, responseBytes: Int64(forwarder.transform.passed), failure: failure)
    }

    /// The outcome of a request that failed before a response could be relayed.
    convenience init(_ failure: RequestFailure) {
        self.init(
            status: failure.status, failure.ending, failure.wasSent ? .sent : .notSent,
            failure.error.map { .error($0) } ?? .nothing, failure: failure)
    }
}
