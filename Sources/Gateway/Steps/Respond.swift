import HTTPServer
import OpenAIAPI
import Policy

extension RequestPipeline {
    /// Makes the gateway's own part of the response, before the row that has its length.
    @inline(never)
    func render(_ outcome: Outcome) {
        switch outcome.reply {
        case .nothing, .finish, .rewritten, .cut(_, nil): break
        case .answer(let body): add(body, to: outcome)
        case .error(let error) where !exchange.hasStarted:
            add(ErrorShape(exchange.head).body(error, id: details.id), to: outcome)
        case .error(let error), .cut(_, .some(let error)): outcome.add(event(error), isSent: true)
        }
    }

    private func add(_ body: [UInt8], to outcome: Outcome) {
        outcome.add(body, isSent: RequestMethod(exchange.head) != .head)
    }

    /// Sends the rest of the response. The row is written.
    @inline(never)
    func respond(_ outcome: Outcome) async {
        if case .nothing = outcome.reply { return }
        write(outcome)
        do throws(ExchangeError) { try await exchange.flush() } catch { return }
    }

    @inline(never)
    private func write(_ outcome: Outcome) {
        switch outcome.reply {
        case .nothing: break
        case .error where exchange.hasStarted:
            // A stream that waited in the queue.
            exchange.write(outcome.ownBytes)
            endUnfinished()
        case .error(let error):
            exchange.write(
                snapshot.response(to: error, id: details.id, fields: ownFields, body: outcome.ownBytes))
        case .answer:
            exchange.write(
                snapshot.response(
                    status: outcome.status, id: details.id, fields: ownFields, body: outcome.ownBytes))
        case .finish(let head, let length, let last):
            if !exchange.hasStarted { startResponse(head, length: length, outcome.metadata) }
            exchange.write(last)
            exchange.finish()
        case .rewritten(let head, let body):
            startResponse(head, length: body.count, outcome.metadata, isDecoded: true)
            exchange.write(body)
            exchange.finish()
        case .cut(let last, _):
            exchange.write(last)
            exchange.write(outcome.ownBytes)
            endUnfinished()
        }
    }

    /// Ends a response that is not whole, so that it does not look whole. A translated stream has said so in an event of its API. Its body
    /// then ends as it should: Codex shows and obeys the event only if no failure of the connection follows.
    private func endUnfinished() {
        if details.translation == nil { exchange.abort() } else { exchange.finish() }
    }

    /// The event that ends a stream of the client's API with `error`.
    private func event(_ error: APIError) -> [UInt8] {
        if let translation = details.translation { return translation.failure(UpstreamError(error)) }
        return ErrorShape(exchange.head).event(error, id: details.id)
    }

    /// Fields of a response of the gateway's own: the state of the client's limits, and those for browsers.
    private var ownFields: [(name: StaticString, value: String)] {
        rateFields() + snapshot.crossOrigin.fields(for: exchange.head.fields)
    }

    /// The `x-ratelimit` fields of the client; none where nothing limits it.
    @inline(never)
    func rateFields() -> [(name: StaticString, value: String)] {
        guard let key = details.key else { return [] }
        let rates = details.rates ?? gateway.limiter.rates(of: key, at: gateway.clock.limitTime)
        return rates.fields(snapshot.options.resetFormat, at: gateway.clock.now)
    }
}
