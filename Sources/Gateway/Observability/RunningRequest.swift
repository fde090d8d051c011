import Clocks
import HTTPClient
import Policy

/// The state of a request in flight.
package enum RequestState: String, Sendable, CaseIterable, Codable {
    /// Its body and what it refers to are read, and its rights are checked.
    case reading
    /// It waits in its tier's queue for room in its limits.
    case waiting
    /// It waits for a connection to the upstream.
    case connecting
    /// It is sent, and the upstream has not answered.
    case sent
    /// A response that is no stream is on its way.
    case answering
    /// A stream of events is on its way.
    case streaming
    /// Its client has left, and the response is read for its usage (`metering.on_disconnect: finish`).
    case draining
    /// It is an open WebSocket.
    case tunnel
}

/// The stage of a request, as its steps set it.
enum RequestStage {
    case reading, waiting, answering, streaming, draining, tunnel
    /// It is on its way to the upstream, in this form.
    case sending(ClientRequest)

    var state: RequestState {
        switch self {
        case .reading: .reading
        case .waiting: .waiting
        case .sending(let request): request.wasSent ? .sent : .connecting
        case .answering: .answering
        case .streaming: .streaming
        case .draining: .draining
        case .tunnel: .tunnel
        }
    }
}

/// A request in flight, as it was at one moment.
package struct RunningRequest: Sendable {
    /// The gateway's id, `x-request-id`.
    package var id: RequestID
    /// The moment at which its head was complete.
    package var startedAt: Timestamp
    /// The time since then.
    package var age: Duration
    /// Where it is.
    package var state: RequestState
    /// The key; nil before it is known.
    package var key: KeyRecord?
    /// The user that the client names.
    package var user: String?
    /// The model that it goes to; nil before its body is read, and where it names none.
    package var model: String?
    /// The endpoint; nil before it is known.
    package var endpoint: String?
    /// What it would be billed if it ended now; nil before it may go upstream.
    package var progress: UsageProgress?
    /// Output tokens a second since the upstream's first byte; nil without output.
    package var tokensPerSecond: Double?

    /// `request` at `now`.
    init(_ request: RequestPipeline, at now: MonotonicTime) {
        let details = request.details
        id = details.id
        startedAt = details.startedAt
        age = now - details.started
        state = request.stage.state
        key = details.key
        user = details.user
        model = details.modelServed ?? details.metadata?.model
        endpoint = details.endpoint?.name
        switch request.openRequest {
        case .some(let open): progress = request.gateway.usage.progress(of: open.slot)
        case .none: break
        }
        guard let first = details.firstByteAt, let tokens = progress?.units.outputTokens, tokens > 0 else { return }
        let seconds = (details.timestamp(of: now) - first) / .seconds(1)
        if seconds > 0 { tokensPerSecond = Double(tokens) / seconds }
    }
}

/// What became of the wish to end a request.
package enum Cancellation: Sendable {
    /// It has ended. As it was before.
    case ended(RunningRequest)
    /// It ends as soon as what it waits for, and nothing interrupts, is over.
    case ending(RunningRequest)
    /// It goes on: the upstream is creating something for it, as a batch, and its owner must get to know that.
    case refused
}

extension Gateway {
    /// The time for which a request that is cancelled may still wait for something that nothing interrupts: the store, or a
    /// connection that is being opened.
    private static let cancellationTime = Duration.seconds(10)

    /// The requests in flight, the oldest first. Those of a loop are of the same moment.
    package func runningRequests() async -> [RunningRequest] {
        let clock = clock
        let lists = await inFlight.map { list in
            let now = clock.monotonic
            return list.map { RunningRequest($0, at: now) }
        }
        return lists.joined().sorted { $0.id < $1.id }
    }

    /// Ends a request for the administrator: its client gets `request_cancelled`, the upstream is stopped, and what it has
    /// produced is billed as if the client had left. Returns when it is settled, or after ten seconds.
    ///
    /// - Returns: what became of it; nil where none in flight has the id.
    package func cancel(_ id: RequestID) async -> Cancellation? {
        guard let first = await cancelOnce(id) else { return nil }
        guard first.isAccepted else { return .refused }
        let end = clock.monotonic + Self.cancellationTime
        // A task that does not wait at its client's socket misses an interruption.
        while await cancelOnce(id) != nil {
            guard clock.monotonic < end else { return .ending(first.request) }
            try? await Task.sleep(for: .milliseconds(20))
        }
        return .ended(first.request)
    }

    private func cancelOnce(_ id: RequestID) async -> (request: RunningRequest, isAccepted: Bool)? {
        let clock = clock
        return await inFlight.map { list in
            guard let request = list.first(where: { $0.details.id == id }) else { return nil }
            return (RunningRequest(request, at: clock.monotonic), request.cancel())
        }.lazy.compactMap(\.self).first
    }
}
