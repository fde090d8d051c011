import HTTP1
import Transport

/// Takes in the body of an answer as it comes. Called on the loop of the answer, mostly not by the task that waits for it: a task
/// costs more to wake than a small piece to pass on.
package protocol ResponseBodySink: AnyObject {
    /// A piece of the body.
    func take(_ piece: Span<UInt8>)

    /// All that one read brought has been taken.
    ///
    /// - Returns: whether to go on; if not, `readBody` returns.
    func shouldContinue() -> Bool
}

/// One answer on its way. Whoever has it ends it with `end`, in whatever state it is.
package final class ClientExchange {
    /// How far the body is.
    package enum Step: Sendable, Equatable {
        /// More may come.
        case more
        /// That was all of it.
        case end
        /// The watched caller has left, in the way that was asked for.
        case clientLeft
    }

    /// The answer's head.
    package let head: ResponseHead
    private var connection: ClientConnection?
    private let client: HTTPClient

    init(on connection: ClientConnection, of client: HTTPClient) {
        head = connection.takeHead()
        self.connection = connection
        self.client = client
    }

    deinit {
        precondition(connection == nil, "an answer was dropped before its end")
    }

    /// Hands `taker` what comes of the body, read by read, until it wants a pause, the body ends or the caller leaves. It waits for
    /// each up to the idle time-out. A truncated body is an error, never an end.
    ///
    /// - Parameter interest: `.peerFinished` where a caller counts as gone that has closed its sending half; `.broken` where only
    ///   one counts that takes nothing any more.
    package func readBody(
        watching caller: Socket? = nil, for interest: Readiness = .peerFinished, into taker: any ResponseBodySink
    ) async throws(ClientError) -> Step {
        guard let connection else { return .end }
        return try await connection.readBody(watching: caller, for: interest, into: taker)
    }

    /// The whole body; a longer one than `limit` bytes is an error, as a truncated one is.
    package func wholeBody(limit: Int) async throws(ClientError) -> [UInt8] {
        let taker = WholeBody(limit: limit)
        guard try await readBody(into: taker) == .end, taker.shouldContinue() else { throw .truncated }
        return taker.bytes
    }

    /// Lets go of the connection: it is kept if the answer is complete, else closed, which tells the server to stop.
    package func end() {
        guard let connection else { return }
        self.connection = nil
        client.takeBack(connection)
    }

    /// Gives the connection away, after 101 (Switching Protocols): with what has come behind the head. Whoever takes it closes
    /// it. Must be called once, before anything of a body is read.
    package func takeOver() -> (stream: ByteStream, early: [UInt8]) {
        guard let connection else { preconditionFailure("an answer that has ended has no connection") }
        self.connection = nil
        client.giveAway(connection)
        return (connection.stream, connection.takeInput())
    }
}

private final class WholeBody: ResponseBodySink {
    private(set) var bytes: [UInt8] = []
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    func take(_ piece: Span<UInt8>) { piece.withUnsafeBufferPointer { bytes.append(contentsOf: $0) } }

    func shouldContinue() -> Bool { bytes.count <= limit }
}
