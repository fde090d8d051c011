import Testing

@testable import OpenAIAPI

@Suite struct RequestMetadataTests {
    @Test func anUnreadBodyHasDefaults() {
        let metadata = RequestMetadata()
        #expect(metadata.model == nil)
        #expect(metadata.choices == 1)
        #expect(metadata.generations == 1)
        #expect(!metadata.stream)
        #expect(!metadata.canBeBounded)
        #expect(metadata.counters == RequestCounters())
    }

    @Test(arguments: [
        (#"{"model":"m"}"#, true), (#"{"model":"m","max_tokens":null}"#, true),
        (#"{"model":"m","max_tokens":5}"#, false),
        (#"{"model":"m","max_tokens":0}"#, false),
    ])
    func aTextWithoutABoundCanBeBounded(body: String, canBeBounded: Bool) throws {
        for endpoint in [Endpoint.chatCompletions, .completions] {
            #expect(try metadata(endpoint, body).canBeBounded == canBeBounded)
        }
    }

    @Test func otherRequestsCannotBeBounded() throws {
        for endpoint in Endpoint.allCases where !endpoint.writesText {
            #expect(try !metadata(endpoint, #"{"model":"m"}"#).canBeBounded, "\(endpoint.name)")
        }
    }

    @Test(
        arguments: [
            (#"{"model":"m"}"#, 1), (#"{"model":"m","n":3}"#, 3), (#"{"model":"m","best_of":4}"#, 4),
            (#"{"model":"m","n":5,"best_of":4}"#, 5), (#"{"model":"m","prompt":["a","b"],"n":3}"#, 6),
            (#"{"model":"m","prompt":[1,2,3],"n":2}"#, 2), (#"{"model":"m","prompt":[[1],[2],[3]]}"#, 3),
            (#"{"model":"m","prompt":[],"n":2}"#, 2), (#"{"model":"m","n":1000000,"prompt":["a","b"]}"#, 2_000_000),
        ] as [(String, Int64)])
    func everyChoiceOfEveryPromptIsWritten(body: String, generations: Int64) throws {
        #expect(try metadata(.completions, body).generations == generations)
    }

    @Test func chatsHaveOnePromptAndNoBestOf() throws {
        let body = #"{"model":"m","n":2,"best_of":9,"prompt":["a","b"]}"#
        #expect(try metadata(.chatCompletions, body).generations == 2)
    }

    @Test func aBatchNamesItsFile() throws {
        #expect(try metadata(.batches, #"{"input_file_id":"file-1"}"#).batch?.inputFileID == "file-1")
        #expect(try metadata(.batches, #"{"input_file_id":null}"#).batch?.inputFileID == nil)
        let endpoint = #""endpoint":"/v1/embeddings","completion_window":"24h""#
        #expect(try metadata(.batches, "{\(endpoint)}").batch?.endpoint == "/v1/embeddings")
        #expect(throws: APIError.duplicateMember("endpoint")) { try metadata(.batches, "{\(endpoint),\(endpoint)}") }
        #expect(throws: APIError.invalidValue("input_file_id", "a file's id")) {
            try metadata(.batches, #"{"input_file_id":7}"#)
        }
    }
}
