import HTTPServer
import Settings
import Transport

/// The listeners that a configuration asks for, each bound and with its certificate loaded. They do not serve yet.
///
/// So an address in use or a certificate that cannot be read stops a start or a reload before anything has changed.
struct ListenerPlan {
    /// One listener of the plan: new, or one that runs already.
    struct Item {
        let address: ListenAddress
        let tls: TLSContext?
        let socket: BoundSocket
        /// The acceptor of a listener that runs already.
        let acceptor: Acceptor?
    }

    let items: [Item]

    /// Binds the addresses among `addresses` that none of `running` has, and loads the certificates of all.
    init(
        _ addresses: [ListenAddress], running: [RunningListener] = [], inherited: InheritedSockets = InheritedSockets()
    ) throws {
        var running = running
        items = try addresses.map { address in
            let tls = try address.tls.map {
                try TLSContext.server(certificateFile: $0.certificate, keyFile: $0.key, clientCAFile: $0.clientCA)
            }
            if let index = running.firstIndex(where: { $0.address.text == address.text }) {
                let present = running.remove(at: index)
                return Item(address: address, tls: tls, socket: present.socket, acceptor: present.acceptor)
            }
            let socket = try BoundSocket(try inherited.take(address) ?? Listener(SocketAddress(address)))
            return Item(address: address, tls: tls, socket: socket, acceptor: nil)
        }
    }

    /// URLs with the ports that the system chose.
    var urls: [String] { items.map { "\($0.tls == nil ? "http" : "https")://\($0.socket.address)" } }

    /// The files of certificates that the listeners use.
    var certificateFiles: [CertificateFile] { items.flatMap { CertificateFile.files(of: $0.address, $0.tls) } }
}

/// A listening socket: the listener until it is served, and a second descriptor for a successor.
final class BoundSocket: Sendable {
    let address: SocketAddress
    private let listener: Handoff<Listener>
    private let copy: OwnedDescriptor

    init(_ listener: consuming Listener) throws(SystemError) {
        address = listener.address
        copy = try listener.duplicate()
        self.listener = Handoff(listener)
    }

    /// Returns the listener, once.
    func take() -> Listener? { listener.take() }

    /// The descriptor that a successor gets, valid while this object lives.
    var descriptor: Int32 { copy.number }
}

extension SocketAddress {
    /// The address to listen on. `localhost` is 127.0.0.1; other names are not looked up.
    init(_ address: ListenAddress) throws(StartError) {
        let host = address.host == "localhost" ? "127.0.0.1" : address.host
        guard let port = UInt16(exactly: address.port), let parsed = SocketAddress(host, port: port) else {
            throw StartError.notAnAddress(address.text)
        }
        self = parsed
    }
}
