/// Open connections of one loop.
///
/// - Soundness of `@unchecked Sendable`: used on its loop alone.
final class ConnectionRegistry: @unchecked Sendable {
    private struct Entry {
        let connection: ServerConnection
        let acceptor: ObjectIdentifier
    }

    private var entries: [ObjectIdentifier: Entry] = [:]
    private var isDraining = false
    private var isRetiring = false

    /// Adds `connection` of `acceptor`. It drains or retires at once where the loop does.
    func insert(_ connection: ServerConnection, of acceptor: Acceptor) {
        entries[ObjectIdentifier(connection)] = Entry(connection: connection, acceptor: ObjectIdentifier(acceptor))
        if isRetiring { connection.retire() }
        if isDraining { connection.drain() }
    }

    func remove(_ connection: ServerConnection) { entries[ObjectIdentifier(connection)] = nil }

    /// Retires all connections, and those that are added later.
    func retire() {
        isRetiring = true
        for entry in entries.values { entry.connection.retire() }
    }

    /// Drains all connections, and those that are added later.
    func drain() {
        isDraining = true
        for entry in entries.values { entry.connection.drain() }
    }

    /// Drains the connections of `acceptor`, which has stopped.
    func drain(of acceptor: Acceptor) {
        for entry in entries.values where entry.acceptor == ObjectIdentifier(acceptor) { entry.connection.drain() }
    }

    /// Ends all connections at once.
    func abort() {
        for entry in entries.values { entry.connection.abort() }
    }
}
