extension RequestPipeline {
    /// Ends the request for the administrator. Called on its loop, until it is settled.
    ///
    /// - Returns: false where the upstream is creating something for it, as a batch. That must be noted, or it would run there and
    ///   be billed to nobody.
    func cancel() -> Bool {
        guard !isCreating else { return false }
        isCancelled = true
        exchange.cancel()
        return true
    }

    private var isCreating: Bool {
        guard details.resource?.action == .create else { return false }
        return switch stage {
        case .sending(let request): request.wasSent
        case .answering: true
        case .reading, .waiting, .streaming, .draining, .tunnel: false
        }
    }

    /// The outcome of a request that failed before a response could be relayed.
    ///
    /// Where the administrator has ended it, its steps take the interruption for the client's departure.
    @inline(never)
    func outcome(of failure: RequestFailure) -> Outcome {
        Outcome(isCancelled && failure.cause == .clientGone ? .cancelled(wasSent: failure.wasSent) : failure)
    }
}
