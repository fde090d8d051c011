import HTTP1
import HTTPClient
import HTTPServer
import OpenAIAPI

/// Forwards a response while it comes: everything that can be done of it without waiting. `Steps/Relay.swift` waits.
final class ResponseForwarder: ResponseBodySink {
    /// The reason why a response cannot simply go on.
    enum PauseReason {
        /// The client takes less than there is.
        case clientBehind
        case clientGone
        /// The stream has passed its reservation, and its tier wants it stopped.
        case overrun
        /// A compressed response quotes the upstream's key.
        case leak
    }

    let head: ResponseHead
    let transform: ResponseTransform
    /// Bytes for the client that were not given to the exchange yet.
    var output: [UInt8] = []
    /// The reason why `shouldContinue` has returned false.
    var pauseReason: PauseReason?
    private let pipeline: RequestPipeline
    private let holdsForIdentity: Bool

    init(_ head: ResponseHead, _ transform: ResponseTransform, of pipeline: RequestPipeline) {
        self.head = head
        self.transform = transform
        self.pipeline = pipeline
        holdsForIdentity = !(head.fields.contains("id") && head.fields.contains("backend"))
    }

    func receive(_ piece: Span<UInt8>) { transform.receive(piece, to: &output) }

    func shouldContinue() -> Bool {
        pauseReason = forward()
        return pauseReason == nil
    }

    private func forward() -> PauseReason? {
        if transform.leaksSecret { return .leak }
        let exchange = pipeline.exchange
        if !exchange.hasStarted {
            let mayHold = holdsForIdentity && output.count < pipeline.snapshot.options.memoryBodyBytes
            if mayHold && transform.awaitsIdentity { return nil }
            if output.isEmpty && holdsForIdentity { return nil }
            pipeline.startResponse(head, length: forwardedLength, transform.metadata)
        }
        guard pipeline.noteProgress(status: head.status, of: transform) else { return .overrun }
        exchange.write(output)
        output.removeAll(keepingCapacity: output.capacity <= 512)
        do throws(ExchangeError) { try exchange.push() } catch { return .clientGone }
        return exchange.unsentCount > 0 ? .clientBehind : nil
    }

    /// The length to announce while the body is under way: the upstream's own, unless the body may change.
    private var forwardedLength: Int? {
        guard !transform.isStream, case .length(let length) = head.framing else { return nil }
        return Int(exactly: length)
    }

    /// The length to announce when the whole body is there.
    ///
    /// - Parameters:
    ///   - isHEAD: the request's method is HEAD: the response states the length that GET would give.
    ///   - isFiltered: the response to GET would be filtered, so that the upstream's length says nothing.
    func wholeLength(isHEAD: Bool, isFiltered: Bool) -> Int? {
        if transform.isStream { return nil }
        guard isHEAD else { return output.count }
        if isFiltered { return nil }
        return forwardedLength ?? head.fields.first("content-length").flatMap { Int(head.fields.string($0)) }
    }
}
