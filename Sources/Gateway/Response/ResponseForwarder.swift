import Bytes
import Clocks
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
        /// No more of the body may pass; `ResponseTransform.obstacle` says why.
        case obstacle
        /// The translated stream has ended with a failure.
        case failed
        /// The owner of a response that the upstream stores is not noted yet.
        case ownerUnknown
    }

    let head: ResponseHead
    let transform: ResponseTransform
    /// Bytes for the client that were not given to the exchange yet.
    var output: [UInt8] = []
    /// The reason why `shouldContinue` has returned false.
    var pauseReason: PauseReason?
    private let pipeline: RequestPipeline
    private let holdsForIdentity: Bool
    /// True for an error that may be about the length of the context: it is held to its end, within a bound, and may get its code.
    private let holdsForCode: Bool
    /// True for a response that the upstream stores, until its owner is noted.
    private(set) var isOwnerUnknown: Bool
    private var silence: StreamSilence
    /// True once the head of a stream and its first event have left.
    private var isStreaming = false

    init(
        _ head: ResponseHead, _ transform: ResponseTransform, of pipeline: RequestPipeline,
        firstByteDeadline: MonotonicTime
    ) {
        self.head = head
        silence = StreamSilence(
            since: pipeline.exchange.loop.now, firstByteDeadline: firstByteDeadline, pipeline.snapshot.silence)
        self.transform = transform
        self.pipeline = pipeline
        holdsForIdentity = !(head.fields.contains("id") && head.fields.contains("backend"))
        isOwnerUnknown =
            pipeline.details.isResponseStored && (200..<300).contains(head.status)
        // A translation says it in the words of its API.
        holdsForCode =
            !transform.passesAsWhole && ContextLengthError.mayHaveStatus(head.status) && head.fields.declareJSON
    }

    func receive(_ piece: Span<UInt8>) { transform.receive(piece, to: &output) }

    func shouldContinue() -> Bool {
        pauseReason = forward()
        return pauseReason == nil
    }

    private func forward() -> PauseReason? {
        if transform.obstacle != nil { return .obstacle }
        if isOwnerUnknown, transform.metadata?.id != nil { return .ownerUnknown }
        let exchange = pipeline.exchange
        if !exchange.hasStarted {
            if holdsHead(at: exchange.loop.now) { return nil }
            pipeline.startResponse(head, length: forwardedLength, transform.metadata)
        }
        return send(on: exchange)
    }

    /// Returns true while the head is held for who answered: for the first event of a stream, a second at most, and in a
    /// document until `memory_body_bytes` are held with it, or to its end where it is translated.
    private func holdsHead(at now: MonotonicTime) -> Bool {
        if transform.passesAsWhole { return true }
        if holdsForCode, output.count <= ContextLengthError.byteLimit { return true }
        guard holdsForIdentity else { return false }
        if transform.isStream, now >= silence.headDue { return false }
        if output.isEmpty { return true }
        return transform.awaitsIdentity && output.count < pipeline.snapshot.options.memoryBodyBytes
    }

    private func send(on exchange: ServerExchange) -> PauseReason? {
        guard pipeline.noteProgress(status: head.status, of: transform) else { return .overrun }
        if !output.isEmpty { silence.hasSent = true }
        if !isStreaming, transform.isStream, transform.hasSeenEvent { isStreaming = true }
        exchange.write(output)
        output.removeAll(keepingCapacity: output.capacity <= 512)
        do throws(ExchangeError) { try exchange.push() } catch { return .clientGone }
        if transform.hasFailed { return .failed }
        return exchange.unsentCount > 0 ? .clientBehind : nil
    }

    /// The id of a response whose owner is to be noted before more of it passes; nil for every other response. It is returned once.
    @inline(never)
    func idWithoutOwner() -> String? {
        guard isOwnerUnknown, let id = transform.metadata?.id else { return nil }
        isOwnerUnknown = false
        return id
    }

    // MARK: Silence of the upstream

    func silenceBegins(at now: MonotonicTime) -> MonotonicTime? {
        silence.begins(at: now)
        return isStreaming ? silence.nextLook : silence.nextDue(silenceState)
    }

    /// Notes that the client sends nothing more. In the next short silence it is looked for.
    func clientFinished() {
        silence.probe(at: pipeline.exchange.loop.now + pipeline.snapshot.options.client.probeGrace)
    }

    /// Writes what a client that is still there skips: for one that has left, its system then resets the connection.
    private func probeClient() -> PauseReason? {
        if transform.isStream { return sendComment() }
        // A document that is under way takes nothing else.
        pipeline.probeClient()
        return nil
    }

    private func sendComment() -> PauseReason? {
        output.append(": keep-alive\n\n")
        return send(on: pipeline.exchange)
    }

    func silenceLasts(at now: MonotonicTime) -> SilenceAction {
        let state = silenceState
        switch silence.due(state, at: now) {
        case .timeout: return .timeOut
        case .head: pauseReason = forward()
        case .keepalive:
            pauseReason = sendComment()
            silence.sent(at: now)
        case .probe:
            pauseReason = probeClient()
            silence.sent(at: now)
        case nil: break
        }
        return pauseReason == nil ? .wait(silence.nextDue(silenceState)) : .pause
    }

    private var silenceState: StreamSilence.State {
        guard transform.isStream else { return transform.count == 0 ? .documentAwaited : .document }
        guard pipeline.exchange.hasStarted else { return .headHeld(hasEvent: transform.hasSeenEvent) }
        return .streaming(
            hasEvent: transform.hasSeenEvent, takesComments: transform.canTakeAnEvent && !transform.sawDone)
    }

    /// The whole body of an error about the length of the context that lacks the code for it; nil for every other response. Call it
    /// at the end of the response.
    func codedError() -> [UInt8]? {
        guard holdsForCode, !pipeline.exchange.hasStarted else { return nil }
        switch head.fields.contentCoding {
        case .identity: return ContextLengthError.coded(output)
        case .inflatable:
            return Inflater.inflated(output, limit: ContextLengthError.byteLimit).flatMap {
                ContextLengthError.coded($0)
            }
        case .other: return nil
        }
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
