/// Application behind a server. Called on the connection's loop.
package protocol RequestHandler: Sendable {
    /// Responds to the request of `exchange`, which ends when this returns. A response that is missing or incomplete by
    /// then closes the connection.
    func respond(to exchange: ServerExchange) async

    /// The response to a fault for which there is no exchange. The connection closes after it.
    func response(to fault: ServerFault) -> ServerResponse
}
