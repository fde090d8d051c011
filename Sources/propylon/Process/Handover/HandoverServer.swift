import Dispatch
import Glibc
import Logging
import Policy
import Synchronization
import Transport

/// The parts of a gateway that it hands over. Called on the queue of the handover, and may block.
protocol HandoverSource: Sendable {
    /// Waits until the gateway before this one has ended, since its rows go to one successor alone.
    func waitForPredecessor()
    /// The listening sockets, with their addresses in the configuration.
    var handedOverSockets: [(address: String, socket: BoundSocket)] { get }
    /// Commits all rows and holds further ones. Returns false where the ledger refuses.
    func holdRows() -> Bool
    /// Commits rows again, after `holdRows`, and ships their records from now on.
    func resumeRows(shipping shipment: (@Sendable ([UsageRecord]) -> Void)?)
    /// Ships no more records.
    func stopShipping()
    /// The process `successor` accepts connections now.
    func handedOver(to successor: Int32)
}

/// Waits for a successor on a Unix socket in the data folder, and hands the gateway over to it.
///
/// A successor that ends before it serves changes nothing: this gateway goes on.
final class HandoverServer: Sendable {
    static let socketName = "handover.sock"
    /// More rows than this are shipped in several messages.
    private static let rowsOfMessage = 1000
    /// The time that a successor has for its next step.
    private static let timeout = Duration.seconds(60)

    private let source: any HandoverSource
    private let log: Logger
    private let listener: LocalListener
    private let queue = DispatchQueue(label: "propylon.handover")
    // Sound: a Dispatch source may be used from every thread.
    nonisolated(unsafe) private let connections: any DispatchSourceRead
    /// The successor, which gets rows until the end of this process.
    private let successor = Mutex<LocalSocket?>(nil)

    /// Listens in `folder`, the data folder, from now on until `cancel`.
    init(_ source: any HandoverSource, in folder: String, log: Logger) throws(SystemError) {
        self.source = source
        self.log = log
        listener = try LocalListener(Self.socketName, in: folder)
        connections = DispatchSource.makeReadSource(fileDescriptor: listener.number, queue: queue)
        // The source keeps this object, and with it the descriptor, until it is cancelled.
        connections.setEventHandler { [self] in accept() }
        connections.activate()
    }

    /// Accepts no successor any more.
    func cancel() { connections.cancel() }

    private func accept() {
        guard let socket = listener.accept(timeout: Self.timeout) else { return }
        do {
            try handOver(to: socket)
        } catch {
            log.error("the handover has failed, and this gateway goes on: \(error)")
        }
    }

    private func handOver(to socket: LocalSocket) throws {
        // The folder is closed to others, unless somebody has opened it.
        guard let user = socket.peerUser, user == geteuid() || user == 0 else { return }
        guard case .hello(let version, let process, let program)? = try socket.receiveMessage()?.message else { return }
        guard version == HandoverMessage.version else {
            return try socket.send(.refused(reason: "it speaks another version of the handover: restart it"))
        }
        log.notice("a successor has started", metadata: ["process": "\(process)", "version": "\(program)"])
        source.waitForPredecessor()
        guard source.holdRows() else {
            return try socket.send(.refused(reason: "its ledger takes no rows now"))
        }
        let hasRestored = (try? sendSockets(to: socket)) ?? false
        source.resumeRows(shipping: hasRestored ? ship(to: socket) : nil)
        guard hasRestored, (try? socket.receiveMessage())??.message == .serving else {
            source.stopShipping()
            return log.error(
                "the successor has ended before it served, and this gateway goes on",
                metadata: ["process": "\(process)"])
        }
        successor.withLock { $0 = socket }
        cancel()
        source.handedOver(to: process)
    }

    /// Sends the sockets. Returns true once the successor has read the ledger.
    private func sendSockets(to socket: LocalSocket) throws -> Bool {
        let sockets = source.handedOverSockets
        return try withExtendedLifetime(sockets) {
            try socket.send(
                .sockets(addresses: sockets.map(\.address)), descriptors: sockets.map(\.socket.descriptor))
            return try socket.receiveMessage()?.message == .restored
        }
    }

    private func ship(to socket: LocalSocket) -> @Sendable ([UsageRecord]) -> Void {
        let isGone = Atomic<Bool>(false)
        return { [log] records in
            guard !isGone.load(ordering: .relaxed) else { return }
            do {
                for start in stride(from: 0, to: records.count, by: Self.rowsOfMessage) {
                    let rows = records[start..<min(start + Self.rowsOfMessage, records.count)]
                    try socket.send(.usage(rows.map { HandedOverUsage($0) }))
                }
            } catch {
                isGone.store(true, ordering: .relaxed)
                log.warning("the successor has gone: its limits do not know the last rows of this process")
            }
        }
    }
}
