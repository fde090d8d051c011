import Testing

@testable import OpenAIAPI

@Suite struct ResourceResponseTests {
    private func object(_ text: String) -> ResourceResponse? { ResourceResponse(Array(text.utf8).span) }

    @Test func aBatchNamesItsFiles() throws {
        let batch = try #require(
            object(
                #"{"id":"b","status":"completed","input_file_id":"i","output_file_id":"o","error_file_id":"e","metadata":{"id":"x"}}"#
            ))
        #expect(batch.id == "b")
        #expect(batch.writtenFileIDs == ["o", "e"])
        #expect(batch.hasEnded)
    }

    @Test(arguments: [("in_progress", false), ("finalizing", false), ("expired", true), ("cancelled", true)])
    func itSaysWhetherItHasEnded(_ status: String, _ hasEnded: Bool) throws {
        let batch = try #require(object(#"{"id":"b","status":"\#(status)","output_file_id":null}"#))
        #expect(batch.hasEnded == hasEnded)
        #expect(batch.writtenFileIDs.isEmpty)
    }

    @Test(arguments: ["", "[]", "{}", #"{"id":7}"#, #"{"id":""}"#, #"{"id":"a""#, #"{"id":"a","id":"b"}"#])
    func whatHasNoOneIDIsNoObject(_ text: String) {
        #expect(object(text) == nil)
    }
}
