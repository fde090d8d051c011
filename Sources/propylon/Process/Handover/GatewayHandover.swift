import Policy

/// The parts of a gateway that its successor gets.
struct GatewayHandover: HandoverSource {
    let process: GatewayProcess
    let predecessor: Predecessor?
    /// Called with the id of the process that serves now.
    let onEnd: @Sendable (Int32) -> Void

    func waitForPredecessor() { predecessor?.waitForEnd() }

    var handedOverSockets: [(address: String, socket: BoundSocket)] {
        (process.listeners.running + process.adminListeners.running).map { ($0.address.text, $0.socket) }
    }

    func holdRows() -> Bool {
        guard process.storage.ledger.hold() else { return false }
        process.storage.resources.hold()
        return true
    }

    func resumeRows(shipping shipment: (@Sendable ([UsageRecord]) -> Void)?) {
        process.storage.resources.resume(shipping: shipment)
        process.storage.ledger.resume(shipping: shipment)
    }

    func stopShipping() {
        process.storage.resources.stopShipping()
        process.storage.ledger.stopShipping()
    }

    func handedOver(to successor: Int32) { onEnd(successor) }
}
