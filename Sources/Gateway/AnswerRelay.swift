import Clocks
import HTTP1
import HTTPClient
import HTTPServer
import OpenAIAPI
import Policy
import Transport

/// What the gateway sees of an answer as it passes, and what of it goes on to the caller.
///
/// Events are passed on whole; everything else as it comes. Nothing is changed but what the gateway itself asked for.
final class ResponseTransform {
    // At most one of the two, by the answer's content type.
    private var stream: EventStreamTransform?
    private var document: ResponseScanner?
    private var inflater: Inflater?
    /// Reads the lines of a batch's output, where that passes.
    var batchOutput: BatchOutputScanner?
    /// Whether the bytes can be looked into and changed, which compressed ones cannot.
    private let isPlain: Bool
    /// Bytes of the answer's body so far.
    private(set) var count = 0

    init(_ head: ResponseHead, endpoint: Endpoint, readers: EventReaders, hidesUsage: Bool) {
        let fields = head.fields
        let encoding = fields.first("content-encoding").flatMap { fields.equals($0, "identity") ? nil : $0 }
        isPlain = encoding == nil
        if let encoding, fields.equals(encoding, "gzip") || fields.equals(encoding, "x-gzip") {
            inflater = Inflater(limit: 256 << 20)
        } else {
            inflater = nil
            if encoding != nil { return }  // in a coding that nobody asked for: it passes unread
        }
        guard let type = fields.first("content-type") else { return }
        if fields.hasPrefix(type, "text/event-stream") {
            stream = EventStreamTransform(
                endpoint: endpoint, readers: readers, hidesUsage: hidesUsage && encoding == nil)
        } else if fields.hasPrefix(type, "application/json") {
            document = ResponseScanner(endpoint: endpoint)
        }
    }

    /// Takes `bytes` in and appends to `output` what the caller is to have of them.
    func take(_ bytes: Span<UInt8>, to output: inout [UInt8]) {
        count += bytes.count
        guard !isPlain else { return look(at: bytes, to: &output) }
        bytes.withUnsafeBufferPointer { output.append(contentsOf: $0) }
        guard var inflater = inflater.take() else { return }
        var unwanted: [UInt8] = []
        inflater.inflate(bytes) { plain in
            look(at: plain, to: &unwanted)
            unwanted.removeAll(keepingCapacity: true)
        }
        self.inflater = consume inflater
    }

    private func look(at bytes: Span<UInt8>, to output: inout [UInt8]) {
        batchOutput?.scan(bytes)
        if stream != nil {
            stream?.relay(bytes, to: &output)
        } else {
            document?.scan(bytes)
            bytes.withUnsafeBufferPointer { output.append(contentsOf: $0) }
        }
    }

    /// The answer is complete: appends what was held back.
    func finish(to output: inout [UInt8]) {
        document?.finish()
        if batchOutput != nil { finishBatchOutput() }
        var rest: [UInt8] = []
        stream?.finish(to: &rest)
        if isPlain { output.append(contentsOf: rest) }
    }

    /// What could not be looked into to its end is not to be metered: another passage will be.
    private func finishBatchOutput() {
        if isPlain || inflater?.isWhole == true { batchOutput?.finish() } else { batchOutput = nil }
    }

    /// What is known of the answer by now.
    var facts: ResponseMetadata? { stream?.facts ?? document?.facts }

    /// What of it is counted, without the rest.
    var amounts: ResponseCounters? { stream?.amounts ?? document?.amounts }

    /// Whether waiting for more of the body could tell more about who answered.
    var awaitsIdentity: Bool {
        if let stream { return !stream.hasSeenEvent }
        if let document { return !document.hasIdentity }
        return false
    }

    /// Whether it is a stream of events.
    var isStream: Bool { stream != nil }

    /// Whether the stream has said that it is complete.
    var sawDone: Bool { stream?.sawDone ?? false }

    /// Whether an error event can be put behind what was passed on: it ended with a whole event.
    var canTakeAnEvent: Bool { isPlain && stream?.isBetweenEvents == true }
}

/// Passes an answer on while it comes: all that can be done of it without waiting. `RequestPassage.relay` does the rest.
private final class ResponseForwarder: ResponseBodySink {
    /// What hinders an answer from just going on.
    enum PauseReason {
        /// The caller takes less than there is.
        case clientBehind
        case clientGone
        /// It has passed its reservation, and its tier wants it stopped.
        case overrun
    }

    let head: ResponseHead
    let view: ResponseTransform
    /// What is to go to the caller, and was not given to the exchange yet.
    var output: [UInt8] = []
    /// Why `shouldContinue` has said no.
    var pauseReason: PauseReason?
    private let passage: RequestPassage
    private let holdsForIdentity: Bool

    init(_ head: ResponseHead, _ view: ResponseTransform, of passage: RequestPassage) {
        self.head = head
        self.view = view
        self.passage = passage
        holdsForIdentity = !(head.fields.contains("id") && head.fields.contains("backend"))
    }

    func receive(_ piece: Span<UInt8>) { view.take(piece, to: &output) }

    func shouldContinue() -> Bool {
        pauseReason = passOn()
        return pauseReason == nil
    }

    private func passOn() -> PauseReason? {
        let exchange = passage.exchange
        if !exchange.hasStarted {
            let mayHold = holdsForIdentity && output.count < passage.snapshot.options.memoryBodyBytes
            if mayHold && view.awaitsIdentity { return nil }
            if output.isEmpty && holdsForIdentity { return nil }
            // A stream may be changed on its way, or get an error at its end.
            passage.startAnswer(head, length: view.isStream ? nil : head.declaredLength, of: view)
        }
        guard passage.noteProgress(status: head.status, of: view) else { return .overrun }
        exchange.write(output)
        output.removeAll(keepingCapacity: output.capacity <= 512)
        do throws(ExchangeError) { try exchange.push() } catch { return .clientGone }
        return exchange.unsentCount > 0 ? .clientBehind : nil
    }
}

/// Has an answer looked at that goes to nobody, for as long as `goesOn` says, which is asked after every read.
final class DiscardingSink: ResponseBodySink {
    private let view: ResponseTransform
    private let goesOn: () -> Bool
    private var unwanted: [UInt8] = []

    init(_ view: ResponseTransform, while goesOn: @escaping () -> Bool) {
        self.view = view
        self.goesOn = goesOn
    }

    func receive(_ piece: Span<UInt8>) { view.take(piece, to: &unwanted) }

    func shouldContinue() -> Bool {
        unwanted.removeAll(keepingCapacity: true)
        return goesOn()
    }

    /// The answer is complete.
    func finish() { view.finish(to: &unwanted) }
}

extension RequestPassage {
    /// Sends the answer on as it arrives, no faster than the caller takes it, and settles before its last byte leaves.
    @inline(never)
    func relay(_ answer: UpstreamResponse, for route: MatchedRoute) async {
        defer { answer.exchange.end() }
        record?.firstByteAt = answer.firstByteAt
        if let filter = modelFilter(answer, route) { return await relayModelList(answer.exchange, filter) }
        switch object.flatMap({ relay(of: answer, about: $0) }) {
        case .list(let list): return await relayObjectList(answer.exchange, list, route)
        case .single(let object): return await relayObject(answer.exchange, object, route)
        case nil: break
        }
        let ongoing = ongoing(answer, route)
        let view = ongoing.view
        let status = ongoing.head.status
        var departure: Readiness = .peerFinished

        while true {
            let step: ClientExchange.Step
            do throws(ClientError) {
                step = try await answer.exchange.readBody(
                    watching: exchange.clientSocket, for: departure, into: ongoing)
            } catch {
                return await breakOff(error, status: status, view, ongoing.output)
            }
            switch step {
            case .clientLeft:
                guard snapshot.options.onDisconnect == .finish else {
                    return settle(status: status, .clientGone, of: view)
                }
                // A caller that has closed its sending half may still be listening: the answer to the next write tells.
                guard departure != .broken else { return await clientLeft(answer.exchange, view, status: status) }
                departure = .broken
            case .end: return await complete(ongoing, route)
            case .more:
                switch ongoing.pauseReason {
                case .overrun: return await stopOverrun(status: status, view, ongoing.output)
                case .clientGone: return await clientLeft(answer.exchange, view, status: status)
                case .clientBehind:
                    do throws(ExchangeError) { try await exchange.flush() } catch {
                        return await clientLeft(answer.exchange, view, status: status)
                    }
                case nil: break
                }
            }
        }
    }

    @inline(never)
    private func ongoing(_ answer: UpstreamResponse, _ route: MatchedRoute) -> ResponseForwarder {
        let head = answer.exchange.head
        let view = ResponseTransform(
            head, endpoint: route.endpoint, readers: snapshot.eventReaders(on: exchange.loop),
            hidesUsage: answer.hidesUsage)
        view.batchOutput = batchOutput(in: answer)
        return ResponseForwarder(head, view, of: self)
    }

    /// The upstream has said all: the rest goes to the caller.
    @inline(never)
    private func complete(_ ongoing: ResponseForwarder, _ route: MatchedRoute) async {
        let view = ongoing.view
        view.finish(to: &ongoing.output)
        if let lines = view.batchOutput { await meterPassed(lines) }
        settle(status: ongoing.head.status, .complete, of: view, isWhole: true)
        if !exchange.hasStarted {
            startAnswer(
                ongoing.head, length: wholeLength(ongoing.head, ongoing.output.count, view, route), of: view)
        }
        exchange.write(ongoing.output)
        exchange.finish()
        do throws(ExchangeError) { try await exchange.flush() } catch { return }
    }

    /// The caller takes no more of the answer.
    @inline(never)
    private func clientLeft(_ answer: ClientExchange, _ view: ResponseTransform, status: Int) async {
        guard snapshot.options.onDisconnect == .finish, !view.sawDone, !exchange.isConnectionAborted else {
            return settle(
                status: status, view.sawDone ? .complete : .clientGone, of: view, isWhole: view.sawDone)
        }
        await drainUpstream(answer, view, status: status)
    }

    /// Reads an answer on whose caller has gone, so that its usage is exact; within bounds, beyond which it is given up.
    @inline(never)
    private func drainUpstream(_ answer: ClientExchange, _ view: ResponseTransform, status: Int) async {
        let bounds = snapshot.options.draining
        defer { gateway.drainedResponses.subtract(1, ordering: .relaxed) }
        guard gateway.drainedResponses.add(1, ordering: .relaxed).newValue <= bounds.answers else {
            return settle(status: status, .clientGone, of: view)
        }
        let deadline = MonotonicTime.now + bounds.time
        let end = view.count + bounds.bytes
        var mayGoOn = true
        let unsent = DiscardingSink(view) { [self] in
            mayGoOn = noteProgress(status: status, of: view)
            return mayGoOn && MonotonicTime.now < deadline && view.count < end
        }
        guard unsent.shouldContinue() else { return settle(status: status, .clientGone, of: view) }
        do throws(ClientError) {
            let isWhole = try await answer.readBody(into: unsent) == .end
            if isWhole { unsent.finish() }
            settle(status: status, mayGoOn ? .clientGone : .overrun, of: view, isWhole: isWhole)
        } catch {
            settle(status: status, ending(of: error), of: view, isWhole: view.sawDone)
        }
    }

    private func ending(of error: ClientError) -> Ending {
        switch error {
        case .clientGone: exchange.isConnectionAborted ? .drained : .clientGone
        case .timedOut: .upstreamTimeout
        default: .upstreamInterrupted
        }
    }

    /// The upstream failed in mid-answer, or the caller did: what the caller has must not look whole.
    @inline(never)
    private func breakOff(
        _ error: ClientError, status: Int, _ view: ResponseTransform, _ unsent: [UInt8]
    ) async {
        let ending = ending(of: error)
        if error == .clientGone {
            return settle(status: status, ending, of: view, isWhole: view.sawDone)
        }
        guard exchange.hasStarted else {
            let refusal: APIError = error == .timedOut ? .upstreamTimeout : .upstreamProtocol
            settle(status: refusal.status, ending, of: view)
            return await answerWithError(refusal)
        }
        settle(status: status, ending, of: view, isWhole: view.sawDone)
        exchange.write(unsent)
        if view.canTakeAnEvent, !view.sawDone { exchange.write(APIError.upstreamInterrupted.event()) }
        exchange.abort()
        do throws(ExchangeError) { try await exchange.flush() } catch { return }
    }

    /// The stream has run beyond what its limits have left, and its tier wants it stopped: it ends with an error, unfinished.
    @inline(never)
    private func stopOverrun(status: Int, _ view: ResponseTransform, _ unsent: [UInt8]) async {
        settle(status: status, .overrun, of: view)
        exchange.write(unsent)
        if view.canTakeAnEvent { exchange.write(APIError.overrun.event()) }
        exchange.abort()
        do throws(ExchangeError) { try await exchange.flush() } catch { return }
    }

    /// The length to announce when the whole body is at hand; nil where it is not to be announced: of a stream, and of a list
    /// that is asked for by HEAD, which GET would change.
    private func wholeLength(
        _ head: ResponseHead, _ count: Int, _ view: ResponseTransform, _ route: MatchedRoute
    ) -> Int? {
        if view.isStream { return nil }
        guard RequestMethod(exchange.head) == .head else { return count }
        return route.endpoint == .models || object?.action == .list ? nil : head.declaredLength ?? statedLength(head)
    }

    /// What an answer to HEAD says about the body that it does not have.
    private func statedLength(_ head: ResponseHead) -> Int? {
        head.fields.first("content-length").flatMap { Int(head.fields.string($0)) }
    }
}

extension ResponseHead {
    /// The upstream's own `content-length`, where nothing is taken out of the body.
    fileprivate var declaredLength: Int? { if case .length(let length) = framing { Int(exactly: length) } else { nil } }
}
