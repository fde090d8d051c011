/// Open connections of one loop.
///
/// - Soundness of `@unchecked Sendable`: used on its loop alone.
final class ConnectionRegistry: @unchecked Sendable {
    private var connections: [ObjectIdentifier: ServerConnection] = [:]
    private var isDraining = false

    /// Adds `connection`, which drains at once where the loop does.
    func insert(_ connection: ServerConnection) {
        connections[ObjectIdentifier(connection)] = connection
        if isDraining { connection.drain() }
    }

    func remove(_ connection: ServerConnection) { connections[ObjectIdentifier(connection)] = nil }

    /// Drains all connections, and those that are added later.
    func drain() {
        isDraining = true
        for connection in connections.values { connection.drain() }
    }

    /// Ends all connections at once.
    func abort() {
        for connection in connections.values { connection.abort() }
    }
}
