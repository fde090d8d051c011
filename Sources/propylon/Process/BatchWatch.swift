import Dispatch
import Gateway

/// Makes the gateway look at the batches that are due, each second until `cancel`.
final class BatchWatch: Sendable {
    // Sound: a Dispatch source may be used from every thread.
    nonisolated(unsafe) private let timer: any DispatchSourceTimer

    init(_ gateway: Gateway) {
        timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "propylon.batches", qos: .utility))
        timer.setEventHandler { [weak gateway] in gateway?.lookAtBatches() }
        // Dispatch traps on the release of a source that was never activated.
        timer.activate()
    }

    /// Starts to look.
    func start() { timer.schedule(deadline: .now(), repeating: .seconds(1), leeway: .milliseconds(100)) }

    func cancel() { timer.cancel() }
}
