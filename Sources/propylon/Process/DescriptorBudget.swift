import HTTPServer

/// Shares of the process's descriptors, so that clients cannot take those that requests need on their way.
///
/// Where the limit is too low for what the configuration wants, the public listeners get half of what can be shared, after
/// a part for the admin listener and for files.
struct DescriptorBudget: Equatable {
    /// The numbers that the configuration wants.
    struct Wanted: Equatable {
        /// `limits.connections`.
        let clients: Int
        /// `upstream.max_connections`.
        let upstream: Int
    }

    /// Most connections beyond `clients` that get the answer that there are too many.
    private static let mostRefusals = 64
    /// Most connections of the admin listener.
    private static let mostAdmin = 64
    /// Files of large bodies, look-ups of names, files that are read again: as many at one time where there is room.
    private static let files = 256

    let limit: Int
    let wanted: Wanted
    /// Connections of the public listeners.
    let clients: Int
    /// Further connections that may be open to be refused.
    let refusals: Int
    /// Connections to the upstream.
    let upstream: Int
    /// Connections of the admin listener.
    let admin: Int

    /// Shares out the descriptors of `limit` that are not `inUse`.
    init(limit: Int, inUse: Int, wanted: Wanted) {
        self.limit = limit
        self.wanted = wanted
        let spare = max(0, limit - inUse)
        admin = max(1, min(Self.mostAdmin, spare / 8))
        let shared = max(0, spare - admin)
        let files = min(Self.files, shared / 5)
        let connections = shared - files
        let clientSide = min(
            wanted.clients + Self.mostRefusals, max(connections - wanted.upstream, connections / 2))
        refusals = max(1, min(Self.mostRefusals, clientSide / 4))
        clients = max(1, min(wanted.clients, clientSide - refusals))
        upstream = max(1, min(wanted.upstream, connections - clientSide))
    }

    /// The warning for an administrator where the limit allows less than the configuration wants; else nil.
    var warning: String? {
        guard clients < wanted.clients || upstream < wanted.upstream else { return nil }
        return
            "the limit of \(limit) open files allows \(clients) client connections and \(upstream) upstream connections, "
            + "where limits.connections is \(wanted.clients) and upstream.max_connections \(wanted.upstream): "
            + "raise it (ulimit -n, LimitNOFILE)"
    }

    /// `limits` of the public listeners, within their share.
    func bounded(_ limits: ServerLimits) -> ServerLimits {
        var limits = limits
        limits.connections = min(limits.connections, clients)
        limits.refusals = refusals
        return limits
    }
}
