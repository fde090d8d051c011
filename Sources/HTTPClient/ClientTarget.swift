import Transport

/// Server of a client, and the way to it.
package struct ClientTarget: Sendable {
    let origin: Origin
    let context: TLSContext?
    let proxy: Proxy?

    /// The server at `origin`.
    ///
    /// - Parameters:
    ///   - context: verifies the server where the origin is secure, and is needed then.
    ///   - proxy: tunnels all connections, those without TLS too.
    package init(_ origin: Origin, context: TLSContext?, proxy: Proxy? = nil) {
        precondition(!origin.isSecure || context != nil, "a secure origin needs a TLS context")
        self.origin = origin
        self.context = context
        self.proxy = proxy
    }
}

/// State that the clients of one server share over all loops, and over reloads.
package final class SharedClientState: Sendable {
    /// Bound on the connections of all of them.
    package let budget: ConnectionBudget
    /// Addresses that are left alone for a while.
    package let health = AddressHealth()
    let resolver: Resolver

    /// State for at most `connections` connections, at least one.
    package init(connections: Int, resolver: Resolver = .system) {
        budget = ConnectionBudget(limit: connections)
        self.resolver = resolver
    }
}
