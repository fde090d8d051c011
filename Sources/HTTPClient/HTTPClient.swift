import Transport

/// Sends requests to one server from one loop, over pooled connections.
package final class HTTPClient {
    private let pool: ConnectionPool

    /// Connection counts of the client.
    package var gauges: PoolGauges { pool.gauges }

    /// A client of `target` on `loop`.
    ///
    /// - Parameter shared: state that clients on other loops share with this one.
    package init(_ target: ClientTarget, limits: ClientLimits, shared: SharedClientState, on loop: EventLoop) {
        pool = ConnectionPool(
            ConnectionOpener(target, shared: shared, limits: limits, on: loop), limits: limits, budget: shared.budget)
    }

    deinit { pool.leaveBudget() }

    /// Sends `request` and waits for the head of its response.
    ///
    /// Retries once, on a new connection, where a kept connection was closed before any response and a second request
    /// does no harm: its method is idempotent, or the server never acknowledged a byte of it.
    ///
    /// - Throws: any `ClientError`.
    package func send(_ request: ClientRequest) async throws(ClientError) -> ClientExchange {
        var mayReuse = true
        while true {
            let connection = try await pool.connection(for: request.clientSocket, mayReuse: mayReuse)
            do throws(ClientError) {
                try await connection.send(request)
                return ClientExchange(on: connection, of: pool)
            } catch {
                let mayRetry = error.isClosure && connection.mayRetry(request)
                pool.discard(connection)
                guard mayRetry, mayReuse else { throw error }
                request.wasSent = false
                mayReuse = false
            }
        }
    }

    /// Closes the idle connections. Those in use are closed when their exchanges end.
    package func close() { pool.close() }
}
