import Admin
import HTTP1
import HTTPServer
import Store

/// A response that is made slice by slice beside the loop, each one after the client has read the one before.
struct SlicedResponse<State: Sendable>: Sendable {
    /// The queue that slices are made in.
    let work: AdminWork
    /// The fields of the head.
    let fields: [(name: StaticString, value: StaticString)]
    /// Makes what all slices are made of. Blocks.
    let begin: @Sendable () throws(AdminProblem) -> State
    /// The length of the body, where it is known.
    var length: @Sendable (State) -> ResponseLength = { _ in .unknown }
    /// Makes the next slice; nil at the end. Blocks.
    let next: @Sendable (inout State) throws(LedgerError) -> [UInt8]?

    /// Sends the response, or the refusal of `begin`.
    func send(over exchange: ServerExchange) async throws(ExchangeError) {
        switch await work.run({ [begin] in Result(catching: begin) }) {
        case .success(let state): try await send(state, over: exchange)
        case .failure(let problem): try await exchange.respond(problem.response())
        }
    }

    /// Sends the head alone, without making the body.
    func sendHead(over exchange: ServerExchange) async throws(ExchangeError) {
        start(exchange, .unknown)
        exchange.finish()
        try await exchange.flush()
    }

    private func start(_ exchange: ServerExchange, _ length: ResponseLength) {
        exchange.start(status: 200, length: length) { writer in
            for field in fields { writer.field(field.name, field.value) }
            writer.field("cache-control", "no-store" as StaticString)
        }
    }

    private func send(_ state: State, over exchange: ServerExchange) async throws(ExchangeError) {
        start(exchange, length(state))
        try exchange.push()
        guard !exchange.isHead else { return exchange.finish() }
        var state = state
        while true {
            let (slice, following) = await work.run { [state, next] in
                var state = state
                let slice = Result { () throws(LedgerError) in try next(&state) }
                return (slice, state)
            }
            state = following
            switch slice {
            case .success(let bytes?):
                exchange.write(bytes)
                try await exchange.flush()
            case .success(nil): return exchange.finish()
            // What cannot be read any more ends the response before its end, which the client sees.
            case .failure: return exchange.abort()
            }
        }
    }
}

extension ServerExchange {
    /// True for a request of the head alone.
    var isHead: Bool { head.fields.equals(head.method, "head") }
}
