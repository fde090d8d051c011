import Foundation
import Glibc
import Logging
import Synchronization
import Transport

/// The running gateway that this process takes over from.
final class Predecessor: Sendable {
    /// Its listening sockets.
    let sockets: InheritedSockets
    private let socket: LocalSocket
    private let end = DispatchGroup()

    /// Asks the gateway of the data folder `folder` for its sockets. Returns nil where none runs.
    ///
    /// Waits until that gateway has no predecessor any more. Blocks.
    /// - Throws: `StartError.handoverRefused`, and the errors of the socket.
    init?(of folder: String, log: Logger) throws {
        guard let (socket, message, descriptors) = try Self.greet(folder) else { return nil }
        self.socket = socket
        switch message {
        case .sockets(let addresses) where addresses.count == descriptors.count:
            sockets = InheritedSockets(zip(descriptors, addresses).map { ($0, configured: $1) })
        case .refused(let reason): throw StartError.handoverRefused(reason)
        default: throw StartError.handoverRefused("its answer is not understood")
        }
        log.notice("taking over from a running gateway", metadata: ["sockets": "\(descriptors.count)"])
    }

    /// Says hello to the gateway of `folder`, and returns its answer. Returns nil where none runs.
    ///
    /// A gateway that ends without an answer may have handed over to another process, which listens in its place.
    private static func greet(_ folder: String) throws -> (LocalSocket, HandoverMessage, [Int32])? {
        let hello = HandoverMessage.hello(version: HandoverMessage.version, process: getpid(), program: Version.text)
        while let socket = try LocalListener.connect(HandoverServer.socketName, in: folder, timeout: .zero) {
            do {
                try socket.send(hello)
                if let (message, descriptors) = try socket.receiveMessage() { return (socket, message, descriptors) }
            } catch let error as SystemError where [EPIPE, ECONNRESET].contains(error.number) {}
            Thread.sleep(forTimeInterval: 0.05)
        }
        return nil
    }

    /// Says that the usage in the ledger is read. From now on `feed` gets the rows that are not, in a separate thread.
    func restored(_ feed: PredecessorUsage) throws {
        end.enter()
        Thread.detachNewThread { [self] in
            // An error of the socket is an end too: the journal has what was not shipped.
            while case .usage(let rows)? = (try? socket.receiveMessage())?.message { feed.charge(rows) }
            feed.adoptJournals()
            end.leave()
        }
        try socket.send(.restored)
    }

    /// Says that this process accepts connections.
    func replaced() throws { try socket.send(.serving) }

    /// Waits until the predecessor has ended and all of its rows are known. Blocks.
    func waitForEnd() { end.wait() }
}
