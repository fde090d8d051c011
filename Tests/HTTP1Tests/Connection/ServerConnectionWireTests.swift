import SeededRandom
import Testing

@testable import HTTP1

/// Random exchanges whose bytes are written as a driver would write them, and read by this module's own client side.
@Suite struct ServerConnectionWireTests {
    /// Acts of a handler, and what a client must see of them.
    private struct Exchange {
        var isHEAD: Bool
        var version: HTTPVersion
        var status: Int
        var length: ResponseLength
        var pieces: [Int]
        var finishes: Bool
        var aborts: Bool

        init(_ random: inout SeededGenerator) {
            isHEAD = random.once(in: 5)
            version = random.once(in: 4) ? .http10 : .http11
            status = random.pick([200, 200, 200, 204, 304, 404, 503])
            pieces = []
            for _ in 0..<random.number(0...4) { pieces.append(random.number(1...40)) }
            let sum = pieces.reduce(0, +)
            length = random.pick([
                .unknown, .unknown, .exact(sum), .exact(sum), .exact(sum + 1), .exact(max(0, sum - 1)),
            ])
            finishes = !random.once(in: 5)
            aborts = random.once(in: 5)
        }

        var request: String {
            "\(isHEAD ? "HEAD" : "GET") / HTTP/1.\(version == .http11 ? 1 : 0)\r\nhost: a\r\n"
                + (version == .http10 ? "connection: keep-alive\r\n\r\n" : "\r\n")
        }

        /// The simple model: the length of the body that a client takes for whole, or nil.
        ///
        /// A sized body is whole once the announced bytes were written, whatever the handler does then. Any other is
        /// whole where it was finished and not aborted.
        var wholeLength: Int? {
            var written = 0
            guard case .exact(let announced) = length else { return finishes && !aborts ? pieces.reduce(0, +) : nil }
            for piece in pieces {
                guard written + piece <= announced else { break }
                written += piece
            }
            return written == announced ? announced : nil
        }

        var hasBody: Bool { !isHEAD && status != 204 && status != 304 }
    }

    /// Writes the response as `ServerExchange` does.
    private func write(_ exchange: Exchange, _ state: inout ServerConnectionState) -> [UInt8] {
        guard let start = state.startResponse(status: exchange.status, length: exchange.length) else { return [] }
        var writer = HeadWriter()
        writer.status(exchange.status)
        start.writeFields(to: &writer)
        writer.end()
        var wire = writer.bytes
        for count in exchange.pieces {
            let piece = [UInt8](repeating: UInt8(ascii: "x"), count: count)
            switch state.bodyWritten(count) {
            case .plain: wire += piece
            case .chunk:
                ChunkedCoding.begin(size: count, to: &wire)
                wire += piece
                ChunkedCoding.endChunk(to: &wire)
            case .discard: break
            }
        }
        if exchange.aborts { state.abortResponse() }
        if exchange.finishes, state.responseFinished() { ChunkedCoding.last(to: &wire) }
        return wire
    }

    /// Reads `wire` as a client does. Nil where the response is incomplete.
    private func read(
        _ wire: [UInt8], _ exchange: Exchange, _ end: ServerConnectionState.AfterExchange
    ) throws -> (body: Int, rest: Int)? {
        var heads = ResponseHeadReader(limit: 4096, answeringHEAD: exchange.isHEAD)
        guard case .complete(let head, var position) = try heads.read(wire.span) else { return nil }
        var body = BodyReader(head.framing)
        var count = 0
        while case .data(let range) = try body.next(wire.span, &position) { count += range.count }
        if !body.isComplete {
            // Only an orderly close can be a body's end.
            guard end == .linger || end == .close else { return nil }
            do throws(HTTP1Error) { try body.endOfStream() } catch { return nil }
        }
        return (count, wire.count - position)
    }

    @Test(arguments: 0..<40) func aClientSeesAWholeResponseWhereTheHandlerWroteOne(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        for _ in 0..<100 {
            var state = ServerConnectionState()
            let exchange = Exchange(&random)
            try state.headReceived(try requestHead(exchange.request))
            let wire = write(exchange, &state)
            let end = state.exchangeEnded()
            let seen = try read(wire, exchange, end)
            if exchange.hasBody {
                #expect(seen?.body == exchange.wholeLength, "\(exchange), \(end)")
            } else {
                #expect(seen?.body == 0, "\(exchange)")
            }
            // Nothing may follow a response that the client takes for whole: it would be read as the next one.
            if let seen { #expect(seen.rest == 0, "\(exchange)") }
            if end == .readNextRequest { #expect(exchange.finishes && !exchange.aborts, "\(exchange)") }
        }
    }

    @Test(arguments: 0..<40) func randomEventsNeverTrapAndKeepTheInvariants(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let heads = try [
            "GET / HTTP/1.1\r\nhost: a\r\n\r\n", "HEAD / HTTP/1.0\r\n\r\n",
            "POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n",
        ].map(requestHead)
        var state = ServerConnectionState()
        for _ in 0..<500 {
            let event = random.pick(ServerConnectionEvent.allCases)
            let wasClosed = state.request == .closed
            let wasAborted = state.shutdown == .aborted
            let action = state.perform(event, head: random.pick(heads))
            let (request, response, shutdown) = (state.request, state.response, state.shutdown)
            // A response is there exactly while a request is.
            let isBetweenExchanges = request == .idle || request == .head || request == .closed
            #expect((response == .none) == isBetweenExchanges, "\(event): \(action)")
            #expect(!wasClosed || request == .closed, "a closed connection takes no request: \(event)")
            #expect(!wasAborted || shutdown == .aborted)
            if action == "readNextRequest" { #expect(shutdown == .none) }
            if request == .closed || shutdown != .none, random.once(in: 4) { state = ServerConnectionState() }
        }
    }
}
