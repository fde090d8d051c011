import HTTPServer
import OpenAIAPI
import Policy

extension RequestPipeline {
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
        case .error(let error) where exchange.hasStarted:
            // A stream that waited in the queue.
            exchange.write(error.event())
            exchange.abort()
        case .error(let error):
            exchange.write(
                snapshot.response(
                    to: error, id: details.id,
                    fields: rateFields() + snapshot.crossOrigin.fields(for: exchange.head.fields)))
        case .finish(let head, let length, let last):
            if !exchange.hasStarted { startResponse(head, length: length, outcome.metadata) }
            exchange.write(last)
            exchange.finish()
        case .rewritten(let head, let body):
            startResponse(head, length: body.count, outcome.metadata, isDecoded: true)
            exchange.write(body)
            exchange.finish()
        case .cut(let last, let error):
            exchange.write(last)
            if let error { exchange.write(error.event()) }
            exchange.abort()
        }
    }

    /// The `x-ratelimit` fields of the client; none where nothing limits it.
    @inline(never)
    func rateFields() -> [(name: StaticString, value: String)] {
        guard let key = details.key else { return [] }
        let rates = details.rates ?? gateway.limiter.rates(of: key, at: gateway.clock.limitTime)
        return rates.fields(snapshot.options.resetFormat, at: gateway.clock.now)
    }
}
