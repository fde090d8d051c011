import Scanners
import Testing

@testable import OpenAIAPI

@Suite struct RequestPathsTests {
    /// The matches of `document` under the paths of `layout`.
    private func scanned<Result>(
        _ layout: RequestLayout, _ document: String, _ read: (RequestPaths, borrowing JSONScanner) -> Result
    ) throws -> Result {
        let paths = RequestPaths(layout)
        var scanner = JSONScanner(paths.set)
        try scanner.scan(Array(document.utf8).span)
        try scanner.finish()
        return read(paths, scanner)
    }

    @Test func membersOfAllRequestsComeFirst() throws {
        let document =
            #"{"n":3,"user":"u","model":"m","stream":true,"stream_options":{"include_usage":false},"#
            + #""metadata":{"user_id":"u"}}"#
        for endpoint in Endpoint.allCases {
            try scanned(EndpointTraits.table[endpoint.ordinal].request, document) { _, scanner in
                #expect(scanner.string(RequestPaths.model) == "m")
                #expect(scanner.kind(RequestPaths.stream) == .true)
                #expect(scanner.kind(RequestPaths.streamOptions) == .object)
                #expect(scanner.kind(RequestPaths.includeUsage) == .false)
                #expect(scanner.integer(RequestPaths.choices) == 3)
                #expect(scanner.string(RequestPaths.user) == "u")
            }
        }
    }

    @Test func boundsKeepTheirOrder() {
        let paths = RequestPaths(RequestLayout(outputBounds: ["b", "a"]))
        #expect(paths.places.outputBounds.map(\.name) == ["b", "a"])
        #expect(paths.places.outputBounds[0].index < paths.places.outputBounds[1].index)
    }

    @Test func anEmptyLayoutHasOnlyTheBounds() {
        let paths = RequestPaths(RequestLayout())
        #expect(paths.places.outputBounds.map(\.name) == ["max_completion_tokens", "max_tokens"])
        #expect(paths.places.texts.isEmpty)
        #expect(paths.places.media.isEmpty)
        #expect(paths.places.items == nil)
        #expect(paths.places.attempts == nil)
        #expect(paths.places.inputFile == nil)
    }

    @Test func textsAreMeasured() throws {
        let layout = RequestLayout(texts: ["a", "b"])
        let length = try scanned(layout, #"{"a":["xy",{"k":"z"}],"b":"é","c":"no"}"#) { paths, scanner in
            paths.places.texts.map { scanner.textLength($0).utf8Bytes }
        }
        #expect(length == [3, 2])
    }

    @Test func mediaAreMeasuredAndCounted() throws {
        let layout = RequestLayout(texts: ["m"], media: [Medium("m[].i", .image)])
        let found = try scanned(layout, #"{"m":[{"i":{"url":"abcd"}},{"t":"x"},{"i":{"a":"b","c":"d"}}]}"#) {
            paths, scanner in
            (
                text: scanner.textLength(paths.places.media[0].text).utf8Bytes,
                strings: scanner.textCount(paths.places.media[0].text)
            )
        }
        #expect(found.text == 6)
        #expect(found.strings == 3)
    }

    @Test func itemsAndTheirElementsAreCounted() throws {
        let layout = RequestLayout(texts: ["in"], items: "in")
        let counts = try scanned(layout, #"{"in":[[1,2],[3]]}"#) { paths, scanner in
            [scanner.found(paths.places.items!.list)?.elements, scanner.found(paths.places.items!.element)?.elements]
        }
        #expect(counts == [2, 3])
    }

    @Test(arguments: ["a", "n", "try", "f", "max"]) func membersThatDecideStandOnce(name: String) {
        let layout = RequestLayout(texts: ["a"], outputBounds: ["max"], attempts: "try", inputFile: "f")
        #expect(throws: JSONError.self) { try scanned(layout, #"{"\#(name)":1,"\#(name)":2}"#) { _, _ in } }
    }

    @Test func allEndpointsHaveTheirPaths() {
        #expect(RequestPaths.of(.completions).places.attempts?.name == "best_of")
        #expect(RequestPaths.of(.chatCompletions).places.attempts == nil)
        #expect(RequestPaths.of(.batches).places.inputFile?.name == "input_file_id")
        #expect(RequestPaths.of(.embeddings).places.items != nil)
        #expect(RequestPaths.of(.chatCompletions).places.media.count == 5)
        #expect(RequestPaths.of(.speech) === RequestPaths.of(.speech))
    }
}
