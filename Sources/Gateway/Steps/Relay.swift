import Bytes
import Clocks
import HTTP1
import HTTPClient
import HTTPServer
import OpenAIAPI
import Policy
import Transport

extension RequestPipeline {
    /// Relays the response, all but its last bytes: forwarded as it comes, rewritten as a whole, or as a tunnel.
    @inline(never)
    func relay(_ response: UpstreamResponse, _ route: MatchedRoute) async -> Outcome {
        defer { response.exchange.end() }
        stage = .answering
        if let refusal = details.refusalIfServed, response.exchange.head.status != 404 { return Outcome(refusal) }
        details.firstByteAt = details.timestamp(of: gateway.clock.monotonic)
        if response.isSwitch { return await tunnel(response.exchange, route) }
        if exchange.hasStarted, !response.continuesStream { return await endWaitedStream(response.exchange) }
        if let rewriting = rewriting(of: response.exchange.head, route) {
            return await rewrite(response.exchange, rewriting, route)
        }
        return await forward(response, route)
    }

    /// Ends a stream that began while its request waited, and that the upstream has answered with something else: an error,
    /// which is sent on as an event.
    @inline(never)
    private func endWaitedStream(_ response: ClientExchange) async -> Outcome {
        do throws(RequestFailure) {
            let head = response.head
            var body = try await plainBody(of: response, limit: ContextLengthError.byteLimit)
            if ContextLengthError.mayHaveStatus(head.status), let error = ContextLengthError.coded(body) {
                body = error
            }
            snapshot.secrets.mask(&body)
            let event: [UInt8]
            if let translation = details.translation {
                let isError = head.status >= 400
                event = translation.failure(
                    isError ? UpstreamError(body: body, status: head.status) : UpstreamError(.upstreamInterrupted))
            } else {
                event = head.fields.declareJSON ? Self.event(body) : APIError.upstreamInterrupted.event()
            }
            return Outcome(
                status: head.status, .complete, .complete(status: head.status, ResponseCounters()),
                .cut(last: event, nil), responseBytes: Int64(event.count), failure: .passing(status: head.status))
        } catch { return outcome(of: error) }
    }

    /// An event with `text` as its data, of any number of lines.
    private static func event(_ text: [UInt8]) -> [UInt8] {
        var event: [UInt8] = []
        for line in text.split(whereSeparator: { $0 == ASCII.lineFeed || $0 == ASCII.carriageReturn }) {
            event.append("data: ")
            event += line
            event.append("\n")
        }
        event.append("\n")
        return event
    }

    /// Forwards the response as it arrives, no faster than the client takes it.
    @inline(never)
    private func forward(_ response: UpstreamResponse, _ route: MatchedRoute) async -> Outcome {
        let forwarder = forwarder(response, route)
        if forwarder.transform.isStream { stage = .streaming }
        var departure: Readiness = .peerFinished
        while true {
            let step: ClientExchange.Step
            do throws(ClientError) {
                step = try await response.exchange.readBody(
                    watching: exchange.clientSocket, for: departure, into: forwarder)
            } catch { return brokenOff(error, forwarder) }
            switch step {
            case .clientLeft:
                // A client that has closed its sending half may still be listening: the next write tells.
                guard departure != .broken else { return await clientLeft(response.exchange, forwarder) }
                departure = .broken
                guard snapshot.options.onDisconnect == .cancel else { break }
                if forwarder.transform.sawDone { return completed(forwarder, route) }
                forwarder.clientFinished()
            case .end where forwarder.transform.obstacle != nil: return brokenOff(.truncated, forwarder)
            case .end:
                if forwarder.isOwnerUnknown { await noteOwner(of: forwarder) }
                return completed(forwarder, route)
            case .more:
                if forwarder.isOwnerUnknown {
                    await noteOwner(of: forwarder)
                    letPass(forwarder)
                }
                switch forwarder.pauseReason {
                case .overrun: return overrun(forwarder)
                case .obstacle, .failed: return brokenOff(.truncated, forwarder)
                case .clientGone: return await clientLeft(response.exchange, forwarder)
                case .clientBehind:
                    do throws(ExchangeError) { try await exchange.flush() } catch {
                        return await clientLeft(response.exchange, forwarder)
                    }
                case .ownerUnknown, nil: break
                }
            }
        }
    }

    /// Notes the owner of a response that the upstream stores, once its id has come.
    @inline(never)
    private func noteOwner(of forwarder: ResponseForwarder) async {
        if let id = forwarder.idWithoutOwner() { await noteStoredResponse(id) }
    }

    /// Sends on what waited for the owner.
    @inline(never)
    private func letPass(_ forwarder: ResponseForwarder) { _ = forwarder.shouldContinue() }

    @inline(never)
    private func forwarder(_ response: UpstreamResponse, _ route: MatchedRoute) -> ResponseForwarder {
        let head = response.exchange.head
        let transform = ResponseTransform(
            head, endpoint: route.upstreamEndpoint, readers: snapshot.eventReaders(on: exchange.loop),
            hidesUsage: response.hidesUsage, secrets: snapshot.secrets, translation: details.translation)
        return ResponseForwarder(
            head, transform, of: self, firstByteDeadline: response.exchange.firstByteDeadline)
    }

    /// Ends a response that the upstream has sent whole.
    @inline(never)
    private func completed(_ forwarder: ResponseForwarder, _ route: MatchedRoute) -> Outcome {
        forwarder.transform.finish(to: &forwarder.output)
        if forwarder.transform.hasFailed { return failed(forwarder) }
        if let error = forwarder.codedError() {
            return Outcome(
                forwarder, .complete, isWhole: true, .rewritten(forwarder.head, body: error),
                failure: .passing(status: forwarder.head.status))
        }
        let length = forwarder.wholeLength(
            isHEAD: details.method == .head,
            isFiltered: route.endpoint == .models || details.resource?.action == .list)
        return Outcome(
            forwarder, .complete, isWhole: true, .finish(forwarder.head, length: length, last: forwarder.output),
            failure: .passing(status: forwarder.head.status))
    }

    /// Ends a translated response that the upstream has sent, and that is not whole. What a stream had is sent on, and the failure.
    @inline(never)
    private func failed(_ forwarder: ResponseForwarder) -> Outcome {
        if !exchange.hasStarted, forwarder.transform.hasSeenEvent {
            startResponse(forwarder.head, length: nil, forwarder.transform.metadata)
        }
        return brokenOff(.truncated, forwarder)
    }

    /// Ends a response whose client takes no more of it, or whose administrator has ended it.
    @inline(never)
    private func clientLeft(_ response: ClientExchange, _ forwarder: ResponseForwarder) async -> Outcome {
        if isCancelled { return brokenOff(.clientGone, forwarder) }
        guard snapshot.options.onDisconnect == .finish, !forwarder.transform.sawDone, !exchange.isConnectionAborted
        else {
            return clientGone(forwarder)
        }
        return await drainUpstream(response, forwarder)
    }

    /// The outcome of a request whose client has gone. A stream that has said that it is complete is complete: the SDKs stop
    /// reading there.
    @inline(never)
    private func clientGone(_ forwarder: ResponseForwarder) -> Outcome {
        let isWhole = forwarder.transform.sawDone
        return Outcome(
            forwarder, isWhole ? .complete : .clientGone, isWhole: isWhole, .nothing,
            failure: isWhole ? nil : .clientGone(wasSent: true))
    }

    /// The outcome of a response that the upstream broke off, or that was given up: it must not look whole.
    @inline(never)
    private func brokenOff(_ error: ClientError, _ forwarder: ResponseForwarder) -> Outcome {
        let transform = forwarder.transform
        let ending = interruption(error)
        let failure = failure(error, transform, ending)
        let isWhole = transform.sawDone
        if error == .clientGone, ending != .cancelled {
            return Outcome(forwarder, ending, isWhole: isWhole, .nothing, failure: failure)
        }
        guard exchange.hasStarted else {
            let refusal: APIError =
                switch ending {
                case .cancelled: .requestCancelled
                case .upstreamTimeout: .upstreamTimeout
                default: .upstreamProtocol
                }
            return Outcome(
                forwarder, status: refusal.status, ending, isWhole: isWhole, .error(refusal), failure: failure)
        }
        let event: APIError = ending == .cancelled ? .requestCancelled : .upstreamInterrupted
        return Outcome(
            forwarder, ending, isWhole: isWhole,
            .cut(last: forwarder.output, transform.canTakeAnEvent && !isWhole ? event : nil), failure: failure)
    }

    private func failure(_ error: ClientError, _ transform: ResponseTransform, _ ending: Ending) -> RequestFailure {
        if let obstacle = transform.obstacle { return .obstacle(obstacle) }
        if transform.hasFailed { return .brokenResponse }
        if ending == .drained { return .drained }
        if ending == .cancelled { return .cancelled(wasSent: true) }
        return .upstream(
            UpstreamFailure(error, wasSent: true), hasBegun: error != .timedOut || exchange.hasStarted)
    }

    /// The ending of a response in which `error` occurred.
    func interruption(_ error: ClientError) -> Ending {
        switch error {
        case .clientGone: isCancelled ? .cancelled : exchange.isConnectionAborted ? .drained : .clientGone
        case .timedOut: .upstreamTimeout
        default: .upstreamInterrupted
        }
    }

    /// The outcome of a stream that ran beyond its limits and whose tier wants it stopped: it ends with an error, unfinished.
    /// A translated one ends as if the model had reached its bound: agents continue then.
    @inline(never)
    private func overrun(_ forwarder: ResponseForwarder) -> Outcome {
        if let translation = details.translation {
            translation.stop(to: &forwarder.output)
            return Outcome(
                forwarder, .overrun, isWhole: false, .finish(forwarder.head, length: nil, last: forwarder.output),
                failure: .overrun)
        }
        return Outcome(
            forwarder, .overrun, isWhole: false,
            .cut(last: forwarder.output, forwarder.transform.canTakeAnEvent ? .overrun : nil), failure: .overrun)
    }
}
