/// The reason why no connection was made. Nothing was sent.
///
/// Indirect, so that a waiting task holds no memory for it.
package indirect enum ConnectError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The host name has no address: the host, and the resolver's reason.
    case unknownHost(String, String)
    /// Every address refused the connection; the last reason.
    case refused(SystemError)
    /// No address answered before the deadline.
    case timedOut
    /// This process could not try.
    case system(SystemError)

    package var description: String {
        switch self {
        case .unknownHost(let host, let reason): "the host \(host) cannot be resolved: \(reason)"
        case .refused(let error): error.description
        case .timedOut: "no answer in time"
        case .system(let error): error.description
        }
    }
}
