import Scanners
import Testing

@testable import OpenAIAPI

@Suite struct ResponsePathsTests {
    private func scanned<Result>(
        _ endpoint: Endpoint, _ form: ResponsePaths.Form, _ document: String,
        _ read: (ResponsePaths, borrowing JSONScanner) -> Result
    ) throws -> Result {
        let paths = ResponsePaths.of(endpoint, form)
        var scanner = JSONScanner(paths.set)
        try scanner.scan(Array(document.utf8).span)
        try scanner.finish()
        return read(paths, scanner)
    }

    private func bytes(_ endpoint: Endpoint, _ form: ResponsePaths.Form, _ document: String) throws -> Int {
        try scanned(endpoint, form, document) { $0.textLength(in: $1).utf8Bytes }
    }

    private func onlyText(_ document: String) throws -> String? {
        let bytes = Array(document.utf8)
        return try scanned(.chatCompletions, .event, document) { paths, scanner in
            paths.onlyText(in: scanner).map { String(decoding: bytes[$0], as: UTF8.self) }
        }
    }

    @Test(arguments: [
        (#"{"content":"abc"}"#, 3), (#"{"refusal":"abcd"}"#, 4),
        (#"{"function_call":{"name":"x","arguments":"ab"}}"#, 2),
        (#"{"tool_calls":[{"id":"c","function":{"name":"ab","arguments":"{}"}},{"function":{"name":"c"}}]}"#, 5),
        (#"{"reasoning":"abc","reasoning_content":"abcde"}"#, 5), (#"{"content":"a","reasoning":"bc"}"#, 3),
        (#"{"role":"assistant","content":null}"#, 0),
    ])
    func allGeneratedTextOfAMessageCounts(message: String, length: Int) throws {
        for endpoint in [Endpoint.chatCompletions, .completions] {
            let document = #"{"choices":[{"message":\#(message)}]}"#
            let event = #"{"choices":[{"delta":\#(message)}]}"#
            #expect(try bytes(endpoint, .document, document) == length)
            #expect(try bytes(endpoint, .event, event) == length)
            #expect(try bytes(endpoint, .document, event) == 0)
            #expect(try bytes(endpoint, .event, document) == 0)
        }
    }

    @Test func completionsHaveTheirTextInTheChoice() throws {
        #expect(try bytes(.completions, .document, #"{"choices":[{"text":"abc"},{"text":"d"}]}"#) == 4)
        #expect(try bytes(.completions, .event, #"{"choices":[{"text":"abc"}]}"#) == 3)
    }

    @Test func transcriptionsHaveTheirTextAtTheTop() throws {
        #expect(try bytes(.transcriptions, .document, #"{"text":"abc"}"#) == 3)
        #expect(try bytes(.translations, .document, #"{"text":"abc"}"#) == 3)
    }

    @Test func otherEndpointsHaveNoTextThatIsKnown() throws {
        let document = #"{"text":"abc","choices":[{"text":"d","message":{"content":"e"}}]}"#
        for endpoint in [Endpoint.embeddings, .rerank, .speech, .images, .models, .files, .batches] {
            #expect(try bytes(endpoint, .document, document) == 0)
        }
    }

    @Test func allTextOfUnknownEndpointsMayBeOutput() throws {
        let document = #"{"text":"abc","choices":[{"text":"d","message":{"content":"e"}}],"number":5}"#
        #expect(try bytes(.other, .document, document) == 5)
        #expect(try bytes(.other, .event, document) == 5)
    }

    @Test func dialectsHaveTheirText() throws {
        let response =
            #"{"id":"no","output":[{"content":[{"text":"abc"}]},{"arguments":"de"},{"summary":[{"text":"f"}]}]}"#
        #expect(try bytes(.responses, .document, response) == 6)
        #expect(try bytes(.responses, .event, #"{"type":"no","delta":"abc"}"#) == 3)
        let message = #"{"id":"no","content":[{"text":"abc"},{"thinking":"de"},{"input":{"city":"f"}}]}"#
        #expect(try bytes(.messages, .document, message) == 6)
        for name in ["text", "thinking", "partial_json"] {
            #expect(try bytes(.messages, .event, #"{"delta":{"type":"no","\#(name)":"abc"}}"#) == 3)
        }
    }

    @Test(
        arguments: [
            (#"{"choices":[{"delta":{"content":"abc"}}]}"#, "abc"),
            (#"{"choices":[{"delta":{"reasoning":"abc","content":""}}]}"#, "abc"),
            (#"{"choices":[{"delta":{"content":"a\n"}}]}"#, nil),
            (#"{"choices":[{"delta":{"content":"a"}},{"delta":{"content":"b"}}]}"#, nil),
            (#"{"choices":[{"delta":{"content":"a","reasoning":"b"}}]}"#, nil),
            (#"{"choices":[{"delta":{"content":["a"]}}]}"#, nil), (#"{"choices":[]}"#, nil),
        ] as [(String, String?)])
    func aSingleStringIsTheOnlyText(document: String, text: String?) throws {
        #expect(try onlyText(document) == text)
    }

    @Test(arguments: [
        (#"{"error":{"message":"no"}}"#, true), (#"{"error":"no"}"#, true), (#"{"error":true}"#, true),
        (#"{"error":1}"#, true), (#"{"error":{}}"#, true), (#"{"error":[]}"#, true), (#"{"error":1.5}"#, true),
        (#"{"error":null}"#, false), (#"{"error":false}"#, false), (#"{"error":""}"#, false), (#"{"error":0}"#, false),
        (#"{"x":{"error":1}}"#, false), ("{}", false),
    ])
    func errorsAreWhatSDKsRaise(document: String, isError: Bool) throws {
        #expect(try scanned(.chatCompletions, .event, document) { $0.isError($1) } == isError)
    }

    @Test func imagesAreCountedWhereTheyAreBilled() throws {
        let document = #"{"data":[{"url":"a"},{"url":"b"}]}"#
        #expect(try scanned(.images, .document, document) { $0.images(in: $1) } == 2)
        #expect(try scanned(.images, .document, "{}") { $0.images(in: $1) } == 0)
        #expect(try scanned(.embeddings, .document, document) { $0.images(in: $1) } == 0)
    }

    @Test func pathsAreMadeOnce() {
        for endpoint in Endpoint.allCases {
            #expect(ResponsePaths.of(endpoint, .event) === ResponsePaths.of(endpoint, .event))
            #expect(ResponsePaths.of(endpoint, .event) !== ResponsePaths.of(endpoint, .document))
        }
    }
}
