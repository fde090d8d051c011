import Clocks
import OpenAIAPI
import Policy
import Testing

@testable import Gateway

/// The billing table: every endpoint, at every point that a request can end at.
@Suite struct BillTests {
    private static let chat = #"{"model":"m","messages":[{"role":"user","content":"Hello, how are you today?"}]}"#

    private func billed(
        _ progress: Progress, _ endpoint: Endpoint = .chatCompletions, _ body: String? = BillTests.chat,
        usesModels: Bool = true, lasted: Duration = .zero
    ) throws -> Bill {
        let details = try RequestDetails.of(endpoint, body, usesModels: usesModels)
        return bill(progress, of: details, at: details.started + lasted)
    }

    private var empty: ResponseCounters { ResponseCounters() }

    @Test(arguments: Endpoint.allCases) func nothingIsBilledThatWasNotSent(endpoint: Endpoint) throws {
        #expect(try billed(.notSent, endpoint, nil) == Bill())
    }

    @Test(arguments: Endpoint.allCases) func aRequestThatWasSentIsFlaggedUnlessItIsFree(endpoint: Endpoint) throws {
        let bill = try billed(.sent, endpoint, nil)
        let isFree = endpoint.billing == .free || endpoint == .realtime
        #expect(bill.exactness == (isFree ? .exact : .interrupted))
    }

    @Test func aRequestThatWasSentPaysForItsInput() throws {
        let bill = try billed(.sent)
        let estimate = try RequestDetails.of(.chatCompletions, Self.chat).metadata?.counters.estimatedInputTokens
        #expect(bill.units.inputTokens == estimate)
        #expect(bill.units.inputTokens > 0)
        #expect(bill.units.outputTokens == 0)
        #expect(bill.cost == NanoEuros(bill.units.inputTokens * 1800))
    }

    @Test func mediaAreBilledByWhatWasSent() throws {
        #expect(try billed(.sent, .images, #"{"model":"m","prompt":"a","n":3}"#).units.images == 3)
        #expect(try billed(.sent, .speech, #"{"model":"m","input":"hello"}"#).units.characters == 5)
        #expect(try billed(.sent, .transcriptions, nil).units.audioMinutes == 1)
        #expect(
            try billed(.sent, .rerank, #"{"model":"m","query":"a b c d","documents":["e f g h"]}"#).units.inputTokens
                > 0)
    }

    @Test(arguments: Endpoint.allCases) func readingCostsNothing(endpoint: Endpoint) throws {
        // A stored response states what its making was billed for.
        for progress in [Progress.sent, .complete(status: 200, .stating(5, 6)), .complete(status: 200, empty)] {
            #expect(try billed(progress, endpoint, nil, usesModels: false) == Bill())
        }
    }

    /// The kind of fault 3: a response that was not understood is no exact zero, on any endpoint that can cost something.
    @Test(arguments: Endpoint.allCases) func noResponseWithoutUsageIsAnExactZero(endpoint: Endpoint) throws {
        let bill = try billed(.complete(status: 200, empty), endpoint, nil)
        // Speech is billed by what was sent.
        let isKnown = endpoint.billing == .free || endpoint.billing == .characters
        #expect(bill.exactness == (isKnown ? .exact : .estimated))
    }

    @Test(arguments: [Endpoint.responses, .messages, .other])
    func unstatedUsageIsEstimatedFromBothBodies(endpoint: Endpoint) throws {
        let request = #"{"model":"m","input":"\#(String(repeating: "word ", count: 200))"}"#
        var counters = ResponseCounters()
        counters.contentScalars = 400
        counters.contentBytes = 400
        let bill = try billed(.complete(status: 200, counters), endpoint, request)
        if endpoint != .messages { #expect(bill.units.inputTokens >= 250) }
        #expect(bill.units.outputTokens == 100)
        #expect(bill.cost > .zero)
        #expect(bill.exactness == .estimated)
    }

    /// Anthropic states one token of output before the first is written: a stream that goes on or breaks off has more.
    @Test func outputOfAnUnfinishedStreamIsNotWhatItsBeginningStates() throws {
        var counters = ResponseCounters.stating(25, 1)
        counters.contentScalars = 400
        counters.contentBytes = 400
        let cut = try billed(.answering(status: 200, counters), .messages)
        #expect(cut.units.inputTokens == 25)
        #expect(cut.units.outputTokens == 100)
        #expect(cut.exactness == .interrupted)
        #expect(try billed(.complete(status: 200, counters), .messages).units.outputTokens == 1)
    }

    /// The upstream writes on in the background, whatever came of the request.
    @Test func outputInTheBackgroundIsBilledUnlessItsUsageIsStated() throws {
        func billed(_ progress: Progress) throws -> Bill {
            let details = try RequestDetails.of(.responses, #"{"model":"m","input":"hello","background":true}"#)
            details.backgroundOutputTokens = 500
            return bill(progress, of: details, at: details.started)
        }
        var long = empty
        long.contentScalars = 40_000
        long.contentBytes = 40_000
        for progress in [Progress.sent, .answering(status: 200, empty), .answering(status: 200, .stating(5, 6))] {
            #expect(try billed(progress).units.outputTokens == 500)
            #expect(try billed(progress).exactness == .interrupted)
        }
        #expect(try billed(.complete(status: 200, empty)).units.outputTokens == 500)
        #expect(try billed(.complete(status: 200, empty)).exactness == .estimated)
        #expect(try billed(.answering(status: 200, long)).units.outputTokens == 10_000)
        #expect(try billed(.complete(status: 200, .stating(5, 6))).units.outputTokens == 6)
        #expect(try billed(.complete(status: 200, .stating(5, 6))).exactness == .exact)
        for progress in [Progress.notSent, .complete(status: 400, empty)] { #expect(try billed(progress) == Bill()) }
    }

    @Test func aTotalAloneIsSharedOutAndFlagged() throws {
        var usage = UpstreamUsage(.tokens)
        usage.total = 30_000
        var counters = ResponseCounters()
        counters.usage = usage
        let bill = try billed(.complete(status: 200, counters))
        #expect(bill.units.inputTokens + bill.units.outputTokens == 30_000)
        #expect(bill.units.inputTokens < 20)
        #expect(bill.exactness == .estimated)
    }

    @Test func rerankIsBilledByTheTokensThatItStates() throws {
        let body = #"{"model":"m","query":"a","documents":["b"]}"#
        var usage = UpstreamUsage(.inputTokens)
        usage.total = 500
        usage.searchUnits = 1
        var counters = ResponseCounters()
        counters.usage = usage
        let bill = try billed(.complete(status: 200, counters), .rerank, body)
        #expect(bill.units.inputTokens == 500)
        #expect(bill.units.searchUnits == 1)
        #expect(bill.exactness == .exact)
        usage.total = nil
        counters.usage = usage
        let estimated = try billed(.complete(status: 200, counters), .rerank, body)
        #expect(estimated.units.inputTokens == 1)
        #expect(estimated.units.searchUnits == 1)
        #expect(estimated.exactness == .estimated)
    }

    @Test func statedTokensAreExactOnceTheResponseIsWhole() throws {
        let counters = ResponseCounters.stating(7, 3, reasoning: 2, cached: 1)
        let whole = try billed(.complete(status: 200, counters))
        #expect(whole.units.inputTokens == 7)
        #expect(whole.units.outputTokens == 3)
        #expect(whole.units.reasoningTokens == 2)
        #expect(whole.units.cachedTokens == 1)
        #expect(whole.exactness == .exact)
        #expect(whole.cost == NanoEuros(7 * 1800 + 3 * 8000))
        let cut = try billed(.answering(status: 200, counters))
        #expect(cut.units == whole.units)
        #expect(cut.exactness == .interrupted)
    }

    /// The dearer of the model that was asked and the one that answered, where a list knows that.
    @Test(
        arguments: [
            ("dear", 5000, "dear"), ("cheap", 1800, nil), ("m", 1800, nil), ("unknown", 1800, nil), (nil, 1800, nil),
            ("gpt-oss:120b", 1800, nil),
        ] as [(String?, Int64, String?)])
    func aDearerModelThatAnsweredIsBilled(answered: String?, price: Int64, billed: String?) throws {
        func history(_ input: Int64) -> PriceHistory {
            var prices = ModelPrices.vendor
            prices.input = input
            return PriceHistory(prices)
        }
        let prices = PriceList(models: ["dear": history(5000), "cheap": history(1)])
        let details = try RequestDetails.of(.chatCompletions, Self.chat, prices: prices)
        for progress in [
            Progress.complete(status: 200, .stating(7, 0)), .answering(status: 200, .stating(7, 0)),
        ] {
            let bill = bill(progress, of: details, answeredBy: answered, at: details.started)
            #expect(bill.cost == NanoEuros(7 * price))
            #expect(bill.answeredBy == billed)
            var record = UsageRecord(
                id: details.id, keyID: "k", team: nil, endpoint: "chat/completions", startedAt: details.startedAt)
            record.modelServed = "m"
            record.bill(bill)
            #expect(record.modelServed == billed ?? "m")
        }
        #expect(
            bill(.notSent, of: details, answeredBy: answered, at: details.started) == Bill())
    }

    /// The price is that of the moment at which the request began, however long it lasted.
    @Test func aRequestCostsWhatHeldWhenItBegan() throws {
        var later = ModelPrices.vendor
        later.input = 9000
        let startedAt = try RequestDetails.of(.chatCompletions, Self.chat).startedAt
        func cost(from moment: Timestamp) throws -> NanoEuros {
            let prices = PriceList(standard: PriceHistory(.vendor, [.init(from: moment, later)]))
            let details = try RequestDetails.of(.chatCompletions, Self.chat, prices: prices)
            let progress = Progress.complete(status: 200, .stating(7, 0))
            return bill(progress, of: details, at: details.started + .seconds(3600)).cost
        }
        #expect(try cost(from: startedAt + .microseconds(1)) == NanoEuros(7 * 1800))
        #expect(try cost(from: startedAt) == NanoEuros(7 * 9000))
    }

    @Test func unstatedTokensAreEstimated() throws {
        var counters = ResponseCounters()
        counters.contentScalars = 24
        counters.contentBytes = 24
        let whole = try billed(.complete(status: 200, counters))
        #expect(whole.units.outputTokens == 6)
        #expect(whole.units.inputTokens > 0)
        #expect(whole.exactness == .estimated)
        #expect(try billed(.answering(status: 200, counters)).exactness == .interrupted)
    }

    @Test(arguments: [400, 401, 404, 429, 500, 503]) func anErrorOfTheUpstreamIsFree(status: Int) throws {
        #expect(try billed(.complete(status: status, empty)) == Bill())
        #expect(try billed(.answering(status: status, empty)) == Bill())
    }

    @Test func anErrorThatStatesUsageIsBilled() throws {
        #expect(try billed(.complete(status: 500, .stating(7, 0))).units.inputTokens == 7)
    }

    @Test func embeddingsWriteNothing() throws {
        let bill = try billed(.complete(status: 200, empty), .embeddings, #"{"model":"m","input":"hello there"}"#)
        #expect(bill.units.inputTokens > 0)
        #expect(bill.units.outputTokens == 0)
        #expect(bill.exactness == .estimated)
    }

    @Test func anUnknownEndpointIsBilledByWhatItStates() throws {
        let whole = try billed(.complete(status: 200, .stating(5, 6)), .other, nil)
        #expect(whole.units.inputTokens == 5)
        #expect(whole.units.outputTokens == 6)
        #expect(try billed(.answering(status: 200, empty), .other, nil).exactness == .interrupted)
    }

    @Test func startedMinutesOfAudioAreBilled() throws {
        var counters = ResponseCounters()
        var usage = UpstreamUsage(.audio)
        usage.audioMilliseconds = 60_001
        counters.usage = usage
        #expect(try billed(.complete(status: 200, counters), .transcriptions, nil).units.audioMinutes == 2)
        let unstated = try billed(.complete(status: 200, empty), .translations, nil)
        #expect(unstated.units.audioMinutes == 1)
        #expect(unstated.exactness == .estimated)
    }

    @Test func imagesAreCountedInTheResponse() throws {
        var counters = ResponseCounters()
        counters.images = 2
        let body = #"{"model":"m","prompt":"a","n":3}"#
        #expect(try billed(.complete(status: 200, counters), .images, body).units.images == 2)
        let unseen = try billed(.complete(status: 200, empty), .images, body)
        #expect(unseen.units.images == 3)
        #expect(unseen.exactness == .estimated)
    }

    @Test func speechIsExactOnceItIsWhole() throws {
        let body = #"{"model":"m","input":"hello"}"#
        let whole = try billed(.complete(status: 200, empty), .speech, body)
        #expect(whole.units.characters == 5)
        #expect(whole.exactness == .exact)
        #expect(try billed(.answering(status: 200, empty), .speech, body).exactness == .interrupted)
    }

    @Test(
        arguments: [(Duration.zero, 1), (.seconds(59), 1), (.seconds(60), 2), (.seconds(3599), 60)]
            as [(Duration, Int64)])
    func aWebSocketIsBilledByTheMinuteThatItHasStarted(lasted: Duration, minutes: Int64) throws {
        let bill = try billed(.complete(status: 101, empty), .realtime, nil, lasted: lasted)
        #expect(bill.units.audioMinutes == minutes)
        #expect(bill.exactness == .estimated)
    }

    @Test(arguments: [Endpoint.models, .files, .batches]) func listsAndFilesAreFree(endpoint: Endpoint) throws {
        #expect(try billed(.complete(status: 200, .stating(5, 5)), endpoint, nil) == Bill())
    }

    @Test func momentsOfARowAreItsStartAndMonotonicDurations() throws {
        let details = try RequestDetails.of(.chatCompletions, Self.chat)
        #expect(details.timestamp(of: details.started) == details.startedAt)
        #expect(details.timestamp(of: details.started + .seconds(90)) - details.startedAt == .seconds(90))
        let record = details.record(Bill(), of: try #require(details.key))
        #expect(record.startedAt == details.startedAt)
        #expect(record.team == "team")
        #expect(record.endpoint == "chat/completions")
    }
}
