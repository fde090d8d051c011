import OpenAIAPI
import SeededRandom
import Testing

@Suite struct EventStreamTransformTests {
    private let stream = """
        : hello

        data: {"id":"c1","backend":{"engine_type":"engo"},"choices":[{"delta":{"role":"assistant","content":""}}],"usage":null}

        data: {"id":"c1","choices":[{"delta":{"content":"Bonjour é"}}],"usage":null}

        data: {"id":"c1","choices":[{"delta":{"reasoning_content":"Hm"}}],"usage":null}

        data: {"id":"c1","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}

        data: [DONE]


        """

    private let hidden = """
        : hello

        data: {"id":"c1","backend":{"engine_type":"engo"},"choices":[{"delta":{"role":"assistant","content":""}}]}

        data: {"id":"c1","choices":[{"delta":{"content":"Bonjour é"}}]}

        data: {"id":"c1","choices":[{"delta":{"reasoning_content":"Hm"}}]}

        data: [DONE]


        """

    @Test func aStreamOverEverySplit() {
        for hides in [false, true] {
            for pieces in everySplit(Array(stream.utf8)) {
                let (output, transform) = transformed(pieces, hidesUsage: hides)
                #expect(String(decoding: output, as: UTF8.self) == (hides ? hidden : stream))
                #expect(transform.metadata.id == "c1")
                #expect(transform.metadata.backend == #"{"engine_type":"engo"}"#)
                #expect(transform.metadata.counters.usage?.isStated == true)
                #expect(transform.metadata.counters.usage?.completionTokens == 4)
                #expect(transform.metadata.counters.contentScalars == 11)
                #expect(transform.metadata.counters.contentBytes == 12)
                #expect(transform.sawDone)
                #expect(!transform.metadata.isError)
                #expect(transform.hasSeenEvent)
                #expect(transform.isBetweenEvents)
            }
        }
    }

    @Test func lineEndsOfEveryKind() {
        for end in ["\r\n", "\r"] {
            let text = Array(stream.replacing("\n", with: end).utf8)
            for pieces in everySplit(text) {
                let (output, transform) = transformed(pieces)
                #expect(output == text)
                #expect(transform.sawDone)
                #expect(transform.metadata.counters.usage?.completionTokens == 4)
                #expect(transformed(pieces, hidesUsage: true).output == Array(hidden.replacing("\n", with: end).utf8))
            }
        }
    }

    /// Events that differ in their text alone are not scanned again; each must count, and pass, as if it came by itself.
    @Test func eventsCountTheSameBesideOthersAsAlone() {
        var generator = SeededGenerator(seed: 9)
        let texts = ["", "a", " word", "\\n", "é", "日本語", "\\u00e9", "\\\"", "x,y", "\u{1}"]
        func event() -> String {
            func text() -> String { texts.randomElement(using: &generator)! }
            let delta = [
                #""content":"\#(text())""#, #""content":"\#(text())","reasoning":"\#(text())""#, #""role":"assistant""#,
                #""content":null"#, #""tool_calls":[{"function":{"arguments":"\#(text())"}}]"#,
            ].randomElement(using: &generator)!
            let usage = [
                "", #","usage":null"#, #","usage":null"#, #","usage":{"prompt_tokens":1,"completion_tokens":2}"#,
            ]
            .randomElement(using: &generator)!
            let choice = #"{"index":0,"delta":{\#(delta)}}"#
            let choices = [choice, choice, choice + "," + choice, ""].randomElement(using: &generator)!
            return #"data: {"id":"c","choices":[\#(choices)]\#(usage)}"# + "\n\n"
        }
        for hidesUsage in [false, true] {
            var events: [String] = []
            for _ in 0..<3000 {
                let repeats = events.last.flatMap { Bool.random(using: &generator) ? $0 : nil }
                events.append(repeats ?? event())
            }
            let together = transformed(events.map { Array($0.utf8) }, hidesUsage: hidesUsage)
            var output: [UInt8] = []
            var (scalars, bytes, deltas) = (0, 0, 0)
            for event in events {
                let alone = transformed([Array(event.utf8)], hidesUsage: hidesUsage)
                output += alone.output
                scalars += alone.transform.metadata.counters.contentScalars
                bytes += alone.transform.metadata.counters.contentBytes
                deltas += alone.transform.metadata.counters.contentDeltas
            }
            let isSame = together.output == output
            #expect(isSame)
            let metadata = together.transform.metadata
            #expect(metadata.counters.contentScalars == scalars)
            #expect(metadata.counters.contentBytes == bytes)
            #expect(metadata.counters.contentDeltas == deltas)
            #expect(metadata.counters.usage?.completionTokens == 2)
        }
    }

    @Test func wholeEventsAreSentAtOnceAndPartsAreHeld() {
        let transform = EventStreamTransform(endpoint: .chatCompletions, readers: EventReaders(), hidesUsage: false)
        var output: [UInt8] = []
        transform.transform(Array("data: {}\n\ndata: {".utf8).span, to: &output)
        #expect(String(decoding: output, as: UTF8.self) == "data: {}\n\n")
        #expect(transform.isBetweenEvents)
        transform.transform(Array("}\n".utf8).span, to: &output)
        #expect(String(decoding: output, as: UTF8.self) == "data: {}\n\n")
        transform.transform(Array("\n".utf8).span, to: &output)
        #expect(String(decoding: output, as: UTF8.self) == "data: {}\n\ndata: {}\n\n")
    }

    @Test func commentsAndEmptyEventsAreNoEvents() {
        let text = ": ping\n\n\n\nevent: x\n\ndata:\n\ndata\n\n: x\n"
        let (output, transform) = transformed([Array(text.utf8)], hidesUsage: true)
        #expect(String(decoding: output, as: UTF8.self) == text)
        #expect(!transform.hasSeenEvent)
    }

    @Test func onlyTheExactWordIsTheEnd() {
        for (line, isDone) in [
            ("data: [DONE]", true), ("data:[DONE]", true), ("data: [DONE] ", false), ("data:  [DONE]", false),
            ("data: [done]", false),
            (": [DONE]", false),
        ] {
            #expect(transformed([Array((line + "\n\n").utf8)]).transform.sawDone == isDone)
        }
        #expect(transformed([Array("data: [DONE]".utf8)]).transform.sawDone)
    }

    @Test func theLastStatedUsageIsTheTotal() {
        let text = (1...3).map {
            #"data: {"choices":[{"delta":{"content":"a"}}],"usage":{"prompt_tokens":5,"completion_tokens":\#($0)}}"#
                + "\n\n"
        }.joined()
        let (output, transform) = transformed([
            Array((text + "data: {\"usage\":{}}\n\ndata: {\"usage\":null}\n\n").utf8)
        ])
        #expect(transform.metadata.counters.usage?.completionTokens == 3)
        #expect(transform.metadata.counters.usage?.promptTokens == 5)
        #expect(transform.metadata.counters.contentBytes == 3)
        #expect(output.starts(with: text.utf8))
    }

    @Test func usageOnContentChunksIsCutOut() {
        let (output, transform) = transformed(
            [
                Array(
                    #"data: {"usage":{"prompt_tokens":5,"completion_tokens":1}, "choices":[{"delta":{"content":"a"}}]}"#
                        .utf8) + [10, 10]
            ],
            hidesUsage: true)
        #expect(
            parsed(String(decoding: output.dropFirst(6), as: UTF8.self))
                == parsed(#"{"choices":[{"delta":{"content":"a"}}]}"#))
        #expect(transform.metadata.counters.usage?.completionTokens == 1)
    }

    @Test func usageWithoutChoicesIsTakenOutWhole() {
        #expect(transformed([Array("data: {\"usage\":{\"prompt_tokens\":5}}\n\n".utf8)], hidesUsage: true).output == [])
        // Azure's first chunk has no choices either, but no usage: it stays.
        let filter = "data: {\"choices\":[],\"prompt_filter_results\":[]}\n\n"
        #expect(transformed([Array(filter.utf8)], hidesUsage: true).output == Array(filter.utf8))
    }

    @Test func errorsPassUntouched() {
        let text = "data: {\"error\":{\"message\":\"no\"},\"choices\":[],\"usage\":{\"prompt_tokens\":1}}\n\n"
        let (output, transform) = transformed([Array(text.utf8)], hidesUsage: true)
        #expect(output == Array(text.utf8))
        #expect(transform.metadata.isError)
    }

    @Test func severalDataLinesAreReadTogetherAndPassUnchanged() {
        let text = "data: {\"id\":\"x\",\ndata: \"usage\":null,\"choices\":[{\"delta\":{\"content\":\"abc\"}}]}\n\n"
        let (output, transform) = transformed([Array(text.utf8)], hidesUsage: true)
        #expect(output == Array(text.utf8))
        #expect(transform.metadata.id == "x")
        #expect(transform.metadata.counters.contentBytes == 3)
        let usage = "data: {\"choices\":[],\ndata: \"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\n"
        #expect(transformed([Array(usage.utf8)], hidesUsage: true).output == [])
    }

    @Test func otherFieldsOfAnEventStay() {
        let text = "event: m\ndata: {\"a\":1,\"usage\":null}\nid: 5\n\n"
        let (output, _) = transformed([Array(text.utf8)], hidesUsage: true)
        #expect(String(decoding: output, as: UTF8.self) == "event: m\ndata: {\"a\":1}\nid: 5\n\n")
    }

    @Test func aByteOrderMarkStays() {
        let bytes = [0xEF, 0xBB, 0xBF] + Array("data: {\"id\":\"x\",\"usage\":null}\n\n".utf8)
        for pieces in everySplit(bytes) {
            let (output, transform) = transformed(pieces, hidesUsage: true)
            #expect(output == [0xEF, 0xBB, 0xBF] + Array("data: {\"id\":\"x\"}\n\n".utf8))
            #expect(transform.metadata.id == "x")
        }
    }

    @Test func whatIsNoJSONPasses() {
        let text = "data: not JSON\n\ndata: {\"id\":\n\ndata: [1]\n\ndata: \"x\"\n\n"
        let (output, transform) = transformed([Array(text.utf8)], hidesUsage: true)
        #expect(output == Array(text.utf8))
        var expected = ResponseMetadata()
        // From its fault on, it may be text.
        expected.counters.contentScalars = "ot JSON".utf8.count
        expected.counters.contentBytes = "ot JSON".utf8.count
        expected.counters.contentDeltas = 1
        #expect(transform.metadata == expected)
    }

    @Test func largeEventsPassAsTheyComeAndAreRead() {
        let large =
            "data: {\"id\":\"x\",\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4},\"choices\":[{\"delta\":"
            + "{\"content\":\"\(String(repeating: "é", count: 50))\"}}],\"backend\":{\"a\": 1}}\n\n"
        let text = Array(("data: {\"usage\":null,\"b\":1}\n\n" + large + "data: {\"id\":\"z\"}\n\n").utf8)
        for pieces in everySplit(text) {
            let (output, transform) = transformed(pieces, hidesUsage: true, eventLimit: 64)
            #expect(
                String(decoding: output, as: UTF8.self) == "data: {\"b\":1}\n\n" + large + "data: {\"id\":\"z\"}\n\n")
            #expect(transform.metadata.id == "x")
            #expect(transform.metadata.backend == "{\"a\":1}")
            #expect(transform.metadata.counters.usage?.completionTokens == 4)
            #expect(transform.metadata.counters.contentScalars == 50)
            #expect(transform.metadata.counters.contentBytes == 100)
            #expect(transform.metadata.counters.contentDeltas == 1)
            #expect(transform.isBetweenEvents)
        }
    }

    /// What was sent on is billed, also where the stream breaks off.
    @Test func largeEventsCountBeforeTheirEnd() {
        let transform = EventStreamTransform(
            endpoint: .chatCompletions, readers: EventReaders(), hidesUsage: true, eventLimit: 64)
        var output: [UInt8] = []
        let start = "data: {\"id\":\"x\",\"choices\":[{\"delta\":{\"content\":\"" + String(repeating: "y", count: 100)
        transform.transform(Array(start.utf8).span, to: &output)
        #expect(output == Array(start.utf8))
        #expect(transform.hasSeenEvent)
        #expect(!transform.isBetweenEvents)
        #expect(transform.counters.contentBytes == 100)
        #expect(transform.counters == transform.metadata.counters)
        #expect(transform.metadata.id == "x")
        transform.finish(to: &output)
        #expect(transform.counters.contentBytes == 100)
        #expect(transform.isBetweenEvents)
    }

    @Test func largeCommentsAreNoEvents() {
        let text = Array((": " + String(repeating: "c", count: 200) + "\n\ndata: {\"id\":\"x\"}\n\n").utf8)
        for pieces in [[text], text.map { [$0] }, [Array(text[..<150]), Array(text[150...])]] {
            let (output, transform) = transformed(pieces, hidesUsage: true, eventLimit: 64)
            #expect(output == text)
            #expect(transform.metadata.id == "x")
        }
        let comment = transformed([Array(text[..<200])], eventLimit: 64).transform
        #expect(!comment.hasSeenEvent)
    }

    @Test func usageAtTheEndOfAnEventOfThreeMegabytes() {
        let event =
            "data: {\"choices\":[{\"delta\":{\"content\":\"" + String(repeating: "y", count: 3_000_000)
            + "\"}}],\"x\":-Infinity,\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}\r\n\r\ndata: [DONE]\r\n\r\n"
        let bytes = Array(event.utf8)
        let pieces = stride(from: 0, to: bytes.count, by: 10_007).map {
            Array(bytes[$0..<min($0 + 10_007, bytes.count)])
        }
        for input in [[bytes], pieces] {
            let (output, transform) = transformed(input, hidesUsage: true)
            #expect(output.count == bytes.count)
            #expect(transform.metadata.counters.usage?.completionTokens == 4)
            #expect(transform.metadata.counters.contentBytes == 3_000_000)
            #expect(transform.sawDone)
        }
    }

    @Test func aStreamThatEndsWithoutABlankLineIsReadToItsEnd() {
        let last = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}"
        for hides in [false, true] {
            let (output, transform) = transformed([Array(last.utf8)], hidesUsage: hides)
            #expect(output == (hides ? [] : Array(last.utf8)))
            #expect(transform.metadata.counters.usage?.completionTokens == 2)
        }
    }

    @Test func streamsOfForwardedPathsAreMetered() {
        let text =
            "event: response.completed\ndata: {\"response\":{\"usage\":{\"input_tokens\":5,\"output_tokens\":6}}}\n\n"
        #expect(transformed([Array(text.utf8)], .other).transform.metadata.counters.usage?.promptTokens == 5)
    }
}
