import OpenAIAPI
import Policy
import Testing

@testable import Gateway

@Suite struct LimitedRequestTests {
    private func request(_ endpoint: Endpoint, _ body: String? = nil) throws -> LimitedRequest {
        LimitedRequest(endpoint, try RequestDetails.of(endpoint, body).metadata, model: "m")
    }

    @Test func aChatIsBoundedByWhatItAsksFor() throws {
        let bounded = try request(.chatCompletions, #"{"model":"m","messages":["hello"],"max_tokens":50,"n":3}"#)
        #expect(bounded.output == .bounded(perChoice: 50, choices: 3))
        #expect(bounded.kind == .tokens)
        #expect(bounded.units.inputTokens > 0)
        #expect(bounded.mostInputTokens > bounded.units.inputTokens)
    }

    @Test func aChatWithoutABoundCanGetOne() throws {
        let open = try request(.chatCompletions, #"{"model":"m","messages":[]}"#)
        #expect(open.output == .unbounded(choices: 1, canBeBounded: true))
    }

    @Test func onlyTextEndpointsWriteTokens() throws {
        #expect(try request(.embeddings, #"{"model":"m","input":"a"}"#).output == .none)
        #expect(try request(.rerank, #"{"model":"m","query":"a","documents":["b"]}"#).output == .none)
        #expect(try request(.rerank, #"{"model":"m","query":"a","documents":["b"]}"#).kind == .rerank)
    }

    @Test func mediaAreHeldInTheirUnits() throws {
        #expect(try request(.transcriptions).units.audioMinutes == 1)
        #expect(try request(.realtime).units.audioMinutes == 1)
        #expect(try request(.speech, #"{"model":"m","input":"hello"}"#).units.characters == 5)
        #expect(try request(.images, #"{"model":"m","prompt":"a","n":4}"#).units.images == 4)
        #expect(try request(.images).units.images == 1)
    }

    @Test func anUnknownEndpointMayWriteAnything() throws {
        #expect(try request(.other).output == .unbounded(choices: 1, canBeBounded: false))
    }

    @Test(arguments: [Endpoint.models, .files, .batches]) func freeEndpointsHoldNothing(endpoint: Endpoint) throws {
        let request = try request(endpoint)
        #expect(request.units == BillableUnits())
        #expect(request.output == .none)
        #expect(request.kind == .free)
    }
}
