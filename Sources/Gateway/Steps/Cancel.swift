extension RequestPipeline {
    /// Ends the request for the administrator. Called on its loop, until it is settled.
    func cancel() {
        isCancelled = true
        exchange.cancel()
    }

    /// The outcome of a request that failed before a response could be relayed.
    ///
    /// Where the administrator has ended it, its steps take the interruption for the client's departure.
    @inline(never)
    func outcome(of failure: RequestFailure) -> Outcome {
        Outcome(isCancelled && failure.cause == .clientGone ? .cancelled(wasSent: failure.wasSent) : failure)
    }
}
