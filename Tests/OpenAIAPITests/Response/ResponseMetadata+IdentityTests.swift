import Scanners
import Testing

@testable import OpenAIAPI

@Suite struct ResponseMetadataIdentityTests {
    private func names(
        _ document: String, into metadata: ResponseMetadata = ResponseMetadata(), hasOwnID: Bool = true
    ) throws -> ResponseMetadata {
        var metadata = metadata
        var scanner = JSONScanner(ResponsePaths.of(.chatCompletions, .document).set)
        try scanner.scan(Array(document.utf8).span)
        metadata.readNames(from: scanner, hasOwnID: hasOwnID)
        return metadata
    }

    private func backend(_ json: String) -> String? {
        var metadata = ResponseMetadata()
        metadata.readBackend(Array(json.utf8).span)
        return metadata.backend
    }

    @Test func namesAreRead() throws {
        let read = try names(#"{"id":"c-1","model":"a b"}"#)
        #expect(read.id == "c-1")
        #expect(read.model == "a b")
    }

    @Test func knownNamesStay() throws {
        var known = ResponseMetadata()
        known.id = "first"
        known.model = "m"
        let read = try names(#"{"id":"second","model":"n"}"#, into: known)
        #expect(read.id == "first")
        #expect(read.model == "m")
    }

    @Test(arguments: [#"a b"#, #"a\n"#, #"\u0000"#, "é", "", #"a\u007f"#]) func idsThatNoHeaderMayHaveAreLeftOut(
        id: String
    ) throws {
        #expect(try names(#"{"id":"\#(id)"}"#).id == nil)
    }

    @Test(arguments: ["1", "null", "[]"]) func namesAreStrings(value: String) throws {
        let read = try names(#"{"id":\#(value),"model":\#(value)}"#)
        #expect(read.id == nil)
        #expect(read.model == nil)
    }

    @Test(arguments: [
        (#"{"a":1}"#, #"{"a":1}"#), ("{ \"a\" : 1 }", #"{"a":1}"#), ("{\"a\":\"é\"}", #"{"a":"\u00e9"}"#),
        ("{\"a\":\"b c\"}", #"{"a":"b c"}"#),
    ])
    func backendsAreCompactASCII(json: String, compact: String) {
        #expect(backend(json) == compact)
    }

    @Test(arguments: [512, 513]) func longBackendsAreLeftOut(length: Int) {
        let json = #"{"a":""# + String(repeating: "x", count: length - 8) + #""}"#
        #expect(json.utf8.count == length)
        #expect(backend(json) == (length > 512 ? nil : json))
    }

    @Test func whiteSpaceDoesNotMakeABackendLong() {
        #expect(backend("{\"a\":" + String(repeating: " ", count: 2000) + "1}") == #"{"a":1}"#)
    }

    @Test func theIDOfAResourceIsNotThatOfTheResponse() throws {
        let read = try names(#"{"id":"file-1","model":"m"}"#, hasOwnID: false)
        #expect(read.id == nil)
        #expect(read.model == "m")
    }
}
