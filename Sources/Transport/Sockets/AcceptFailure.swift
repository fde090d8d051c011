import Glibc

/// Reason for which accept(2) returned no connection.
package enum AcceptFailure: Sendable, Hashable {
    /// That connection failed while it waited in the system's queue. The next one may be good.
    ///
    /// Linux reports here also the errors that are already pending on the new connection, which accept(2) lists.
    case connection
    /// The process or the system has no descriptors or memory left. A connection has to end first.
    case exhausted
    /// The listener itself accepts nothing any more.
    case listener(SystemError)

    /// The failure that `number`, a value of `errno`, means. A number that accept(2) does not list counts as a
    /// failure of the connection: `AcceptBackoff` slows it down if it lasts.
    init(_ number: Int32) {
        switch number {
        case EMFILE, ENFILE, ENOBUFS, ENOMEM: self = .exhausted
        case EBADF, EINVAL, ENOTSOCK, EFAULT: self = .listener(SystemError("accept", number))
        default: self = .connection
        }
    }
}

/// Pauses of a listener whose attempts to accept fail, so that a lasting error does not take a processor.
package struct AcceptBackoff: Sendable {
    /// Failures in a row of single connections after which the next attempt has to wait.
    private static let failuresAtOnce = 64
    private static let first = Duration.milliseconds(10)
    private static let longest = Duration.seconds(1)

    private var failures = 0
    private var pause = first

    package init() {}

    /// Time to wait after `failure` before the next attempt: zero to try at once, nil where the listener has ended.
    package mutating func wait(after failure: AcceptFailure) -> Duration? {
        switch failure {
        case .listener: return nil
        case .connection:
            failures += 1
            guard failures > Self.failuresAtOnce else { return .zero }
        case .exhausted: break
        }
        defer { pause = min(pause * 2, Self.longest) }
        return pause
    }

    /// A connection was accepted, or none waits.
    package mutating func succeeded() { self = AcceptBackoff() }
}
