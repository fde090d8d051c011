import Scanners
import Testing

@testable import OpenAIAPI

@Suite struct APIErrorJSONTests {
    private func error(of document: String) -> APIError? {
        var scanner = JSONScanner(JSONPathSet([JSONPath("model", duplicates: .refuse)]))
        do throws(JSONError) {
            try scanner.scan(Array(document.utf8).span)
            try scanner.finish()
            return nil
        } catch { return APIError(error) }
    }

    @Test func aSecondMemberIsNamed() {
        #expect(error(of: #"{"model":1,"model":2}"#) == .duplicateMember("model"))
    }

    @Test(arguments: ["{", "[1,]", #"{"secret" 1}"#, "tru"]) func aFaultHasItsPlaceAndARemedy(document: String) {
        let error = error(of: document)
        #expect(error?.code == "invalid_json")
        #expect(error?.message.hasSuffix(" Send one JSON object as the body.") == true)
        #expect(error?.message.contains("secret") == false)
    }
}
