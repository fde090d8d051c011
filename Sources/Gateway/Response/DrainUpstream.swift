import Clocks
import HTTPClient
import OpenAIAPI
import Policy

extension RequestPipeline {
    /// Reads on a response whose client has gone, so that its usage is exact; within bounds, after which it is given up.
    @inline(never)
    func drainUpstream(_ response: ClientExchange, _ forwarder: ResponseForwarder) async -> Outcome {
        let bounds = snapshot.options.draining
        let transform = forwarder.transform
        let status = forwarder.head.status
        defer { gateway.drainedResponses.subtract(1, ordering: .relaxed) }
        func outcome(_ ending: Ending, isWhole: Bool) -> Outcome {
            Outcome(
                forwarder, ending, isWhole: isWhole, .nothing,
                failure: ending == .cancelled ? .cancelled(wasSent: true) : .clientGone(wasSent: true))
        }
        guard gateway.drainedResponses.add(1, ordering: .relaxed).newValue <= bounds.answers else {
            return outcome(.clientGone, isWhole: false)
        }
        stage = .draining
        let clock = gateway.clock
        let deadline = clock.monotonic + bounds.time
        let end = transform.count + bounds.bytes
        var mayContinue = true
        let sink = DiscardingSink(transform) { [self] in
            mayContinue = noteProgress(status: status, of: transform)
            return mayContinue && clock.monotonic < deadline && transform.count < end
        }
        guard sink.shouldContinue() else { return outcome(.clientGone, isWhole: false) }
        do throws(ClientError) {
            let isWhole = try await response.readBody(watching: exchange.clientSocket, for: [], into: sink) == .end
            if isWhole { sink.finish() }
            return outcome(mayContinue ? .clientGone : .overrun, isWhole: isWhole)
        } catch { return outcome(interruption(error), isWhole: transform.sawDone) }
    }
}
