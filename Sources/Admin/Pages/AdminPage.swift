/// A page of the admin listener, other than the health pages.
enum AdminPage: Equatable {
    case metrics
    case status
    /// The effective configuration, secrets masked.
    case configuration
    case events
    /// The limits of the key with this id; nil for all keys.
    case limits(String?)

    /// Paths for messages.
    static let list =
        "/metrics, /admin/v1/status, /admin/v1/config, /admin/v1/limits, /admin/v1/limits/{id}, /admin/v1/events, "
        + "/healthz, /readyz"

    /// The longest path of a page, in bytes.
    private static let pathLimit = 63

    /// The page at `path`; nil where there is none.
    init?(path: String) {
        switch path {
        case "/metrics": self = .metrics
        case "/admin/v1/status": self = .status
        case "/admin/v1/config": self = .configuration
        case "/admin/v1/events": self = .events
        case "/admin/v1/limits": self = .limits(nil)
        default:
            let prefix = "/admin/v1/limits/"
            guard path.hasPrefix(prefix), path.utf8.count > prefix.utf8.count, path.utf8.count <= Self.pathLimit
            else { return nil }
            self = .limits(String(path.dropFirst(prefix.count)))
        }
    }
}
