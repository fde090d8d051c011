import HTTPServer
import Logging
import Settings
import Transport

/// Bound listeners, not served yet: an address in use or a missing certificate stops the start before anything else.
struct BoundListeners {
    private let listeners: [(listener: BoundListener, tls: TLSContext?)]
    /// URLs with the ports that the system chose.
    let urls: [String]

    /// Binds all of `addresses` and loads their certificates.
    init(_ addresses: [ListenAddress]) throws {
        listeners = try addresses.map { address in
            let tls = try address.tls.map {
                try TLSContext.server(certificateFile: $0.certificate, keyFile: $0.key, clientCAFile: $0.clientCA)
            }
            return (try BoundListener(address), tls)
        }
        urls = zip(addresses, listeners).map { "\($0.tls == nil ? "http" : "https")://\($1.listener.address)" }
    }

    /// Starts to accept connections for `server`. A listener that fails is an error in the log.
    func serve(on server: HTTPServer, log: Logger) {
        for (url, (listener, tls)) in zip(urls, listeners) {
            listener.serve(on: server, tls: tls) { error in
                log.error(
                    "no connections are accepted any more: restart", metadata: ["url": "\(url)", "error": "\(error)"])
            }
        }
    }
}

/// A `Listener`, which cannot be copied, as an element of an array.
private final class BoundListener {
    let address: SocketAddress
    private var listener: Listener?

    init(_ address: ListenAddress) throws {
        let listener = try Listener(SocketAddress(address))
        self.address = listener.address
        self.listener = consume listener
    }

    func serve(on server: HTTPServer, tls: TLSContext?, failed: @escaping @Sendable (SystemError) -> Void) {
        if let listener = listener.take() { server.serve(listener, tls: tls, failed: failed) }
    }
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
