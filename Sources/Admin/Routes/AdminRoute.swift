import HTTPServer

/// An operation and the code that carries it out. The list of all routes is the admin API.
package struct AdminRoute: Sendable {
    /// Makes the response to a request.
    package typealias Answer = @Sendable (AdminRequest) throws(AdminProblem) -> ServerResponse

    /// The code of an operation.
    package enum Handler: Sendable {
        /// Runs on the loop: for what is in memory.
        case memory(Answer)
        /// Runs beside the loop, since it may wait for the disk, in the queue of such work.
        case blocking(AdminWork, Answer)
        /// Runs on the loop, and waits for others, such as those of the gateway.
        case waiting(@Sendable (AdminRequest) async throws(AdminProblem) -> ServerResponse)
        /// Runs on the loop and writes the response itself, piece by piece.
        case stream(@Sendable (AdminRequest, ServerExchange) async throws(ExchangeError) -> Void)
    }

    let operation: AdminOperation
    let handler: Handler

    /// Carries `operation` out by `handler`.
    package init(_ operation: AdminOperation, _ handler: Handler) {
        self.operation = operation
        self.handler = handler
    }
}
