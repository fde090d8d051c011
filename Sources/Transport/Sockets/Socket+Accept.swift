import CLinux
import Glibc

extension Socket {
    /// The result of one attempt to accept a connection.
    package enum Accepted: ~Copyable {
        /// A connection, with Nagle's algorithm off.
        case connection(OwnedDescriptor)
        /// No connection is waiting.
        case none
        /// There is no connection for this reason.
        case failed(AcceptFailure)
    }

    /// Accepts one connection, if one is waiting. The socket must be a listener's.
    package func accept() -> Accepted {
        while true {
            let number = CLinux_accept(descriptor)
            guard number < 0 else {
                Socket.disableNagle(on: number)
                return .connection(OwnedDescriptor(taking: number))
            }
            switch errno {
            case EAGAIN:
                wouldBlock(.readable)
                return .none
            case EINTR: continue
            case let number: return .failed(AcceptFailure(number))
            }
        }
    }
}
