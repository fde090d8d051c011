import EventLoop
import HTTP1
import TLS

/// One answer on its way. Whoever has it ends it with `end`, in whatever state it is.
package final class ClientExchange {
    /// How far the body is.
    package enum Step: Sendable, Equatable {
        /// More may come.
        case more
        /// That was all of it.
        case end
        /// The watched caller has closed its sending half, or the whole connection.
        case callerFinished
    }

    /// The answer's head.
    package let head: ResponseHead
    private var connection: ClientConnection?
    private let client: HTTPClient

    init(_ head: ResponseHead, on connection: ClientConnection, of client: HTTPClient) {
        self.head = head
        self.connection = connection
        self.client = client
    }

    deinit {
        precondition(connection == nil, "an answer was dropped before its end")
    }

    /// Hands `take` what has come of the body, waiting for it up to the idle time-out: no, one or several pieces, which
    /// came with one read. A truncated body is an error, never an end.
    package func readBody(watching caller: Socket?, _ take: (Span<UInt8>) -> Void) async throws(ClientError) -> Step {
        guard let connection else { return .end }
        return try await connection.readBody(until: .now + client.limits.idleTimeout, watching: caller, take)
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
