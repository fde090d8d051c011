import Testing

@testable import OpenAIAPI

/// A request and its response give the quantities that their endpoint is billed by.
@Suite struct BillingTests {
    private func counters(_ endpoint: Endpoint, _ request: String, _ response: String) throws -> (
        request: RequestCounters, response: ResponseCounters
    ) {
        let body = try metadata(endpoint, request, contentType: "application/json")
        return (body.counters, metadata(ofResponse: response, endpoint).counters)
    }

    // MARK: Text tokens

    private let chat = #"{"model":"m","messages":[{"role":"user","content":"abcdefgh"}]}"#

    @Test func textTokensAreTheStatedOnes() throws {
        let usage = #""usage":{"prompt_tokens":9,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":8}}"#
        let found = try counters(.chatCompletions, chat, #"{"choices":[],\#(usage)}"#).response.usage
        #expect(found?.isStated == true)
        #expect(found?.promptTokens == 9)
        #expect(found?.completionTokens == 4)
        #expect(found?.cachedTokens == 8)
    }

    @Test func textTokensAreEstimatedOtherwise() throws {
        let found = try counters(.chatCompletions, chat, #"{"choices":[{"message":{"content":"abcdefgh"}}]}"#)
        #expect(found.response.usage == nil)
        #expect(found.request.estimatedInputTokens == 3)
        #expect(found.response.estimatedOutputTokens == 2)
    }

    @Test func halfAUsageIsNotStated() throws {
        let found = try counters(.chatCompletions, chat, #"{"usage":{"prompt_tokens":9}}"#)
        #expect(found.response.usage?.isStated == false)
    }

    // MARK: Input tokens

    @Test func inputTokensAreTheStatedOnes() throws {
        let found = try counters(
            .embeddings, #"{"model":"m","input":"abcd"}"#, #"{"data":[],"usage":{"prompt_tokens":5,"total_tokens":5}}"#)
        #expect(found.response.usage?.isStated == true)
        #expect(found.response.usage?.promptTokens == 5)
        #expect(found.response.estimatedOutputTokens == 0)
    }

    @Test func inputTokensAreEstimatedOtherwise() throws {
        let found = try counters(.embeddings, #"{"model":"m","input":["abcd",[1]]}"#, #"{"data":[]}"#)
        #expect(found.request.estimatedInputTokens == 2)
        let tokens = try counters(.embeddings, #"{"model":"m","input":[1,2,3]}"#, #"{"data":[]}"#)
        #expect(tokens.request.estimatedInputTokens == 3)
    }

    // MARK: Rerank

    @Test func rerankHasSearchUnitsAndEstimatedTokens() throws {
        let found = try counters(
            .rerank, #"{"model":"m","query":"abcd","documents":["efgh"]}"#,
            #"{"results":[],"meta":{"billed_units":{"search_units":1}}}"#)
        #expect(found.response.usage?.searchUnits == 1)
        #expect(found.request.estimatedInputTokens == 2)
    }

    // MARK: Audio minutes

    private func upload(_ sound: [UInt8]) throws -> RequestCounters {
        let head = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n"
        let body = Array(head.utf8) + sound + Array("\r\n--b--\r\n".utf8)
        return try metadata(.transcriptions, [body], contentType: "multipart/form-data; boundary=b").counters
    }

    @Test(arguments: [(59_999, 1), (60_000, 1), (60_001, 2), (120_001, 3)] as [(Int, Int64)])
    func minutesAreEstimatedFromTheFile(milliseconds: Int, minutes: Int64) throws {
        let sound = SoundFiles.wav(rate: 1000, data: 100, stated: milliseconds)
        #expect(try upload(sound).estimatedAudioMinutes == minutes)
    }

    @Test func minutesAreStatedByTheResponse() {
        let counters = metadata(ofResponse: #"{"text":"a","duration":61.5}"#, .transcriptions).counters
        #expect(counters.usage?.isStated == true)
        #expect(counters.usage?.audioMilliseconds == 61_500)
    }

    @Test func otherFilesAreNotMeasured() throws {
        let head = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n"
        let body = Array(head.utf8) + SoundFiles.wav(rate: 1000, data: 9000) + Array("\r\n--b--\r\n".utf8)
        let read = try metadata(.files, [body], contentType: "multipart/form-data; boundary=b")
        #expect(read.counters.estimatedAudioMilliseconds == nil)
    }

    // MARK: Characters and images

    @Test func charactersAreThoseOfTheInput() throws {
        let found = try counters(.speech, #"{"model":"m","input":"Été 😀","voice":"alloy"}"#, "")
        #expect(found.request.characters == 5)
    }

    @Test func imagesAreThoseOfTheResponse() throws {
        let found = try counters(.images, #"{"model":"m","prompt":"a","n":3}"#, #"{"data":[{"url":"x"},{"url":"y"}]}"#)
        #expect(found.request.images == 3)
        #expect(found.response.images == 2)
    }

    @Test func oneImageIsTheDefault() throws {
        #expect(try counters(.images, #"{"model":"m","prompt":"a"}"#, "{}").request.images == 1)
    }

    @Test func choicesOfOtherEndpointsAreNoImages() throws {
        #expect(try counters(.chatCompletions, #"{"model":"m","n":3}"#, "{}").request.images == 0)
    }

    // MARK: Unknown and free

    @Test func unknownEndpointsStateTokensOrAreEstimated() throws {
        let stated = try counters(.other, #"{"input":"abcd"}"#, #"{"usage":{"input_tokens":5,"output_tokens":6}}"#)
        #expect(stated.response.usage?.isStated == true)
        #expect(stated.response.usage?.completionTokens == 6)
        #expect(stated.request.estimatedInputTokens == 1)
        let unstated = try counters(.other, #"{"input":"abcd"}"#, #"{"output":["abcdefgh"]}"#)
        #expect(unstated.response.usage == nil)
        #expect(unstated.response.estimatedOutputTokens == 2)
    }

    @Test(arguments: [Endpoint.models, .files, .batches]) func freeEndpointsCountNothing(endpoint: Endpoint) throws {
        let found = try counters(endpoint, #"{"input":"abcd","prompt":"abcd","n":3}"#, #"{"data":[{"id":"a"}]}"#)
        #expect(found.request == RequestCounters())
        #expect(found.response == ResponseCounters())
    }
}
