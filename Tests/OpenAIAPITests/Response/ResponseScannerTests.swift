import OpenAIAPI
import SeededRandom
import Testing

@Suite struct ResponseScannerTests {
    /// As on the vendor's page.
    private let chat = """
        {
        "backend": {
        "engine_type": "engo",
        "machine_name": "ma02"
        },
        "choices": [
        {"finish_reason": "stop", "index": 0, "message": {"content": "Bonjour é", "role": "assistant", "reasoning_content": "Hm"}}
        ],
        "created": 1749110753,
        "id": "chatcmpl-ollama-14b812ef-b21f-430c-b93c-d0d1bf653806",
        "model": "gpt-oss:120b",
        "object": "chat.completion",
        "usage": {"completion_tokens": 200, "prompt_tokens": 70, "reasoning_tokens": 0, "total_tokens": 270}
        }

        """

    @Test func theVendorsAnswerOverEverySplit() {
        for pieces in everySplit(Array(chat.utf8)) {
            let metadata = metadata(ofResponse: pieces)
            #expect(metadata.id == "chatcmpl-ollama-14b812ef-b21f-430c-b93c-d0d1bf653806")
            #expect(metadata.backend == #"{"engine_type":"engo","machine_name":"ma02"}"#)
            #expect(metadata.model == "gpt-oss:120b")
            #expect(metadata.counters.usage?.isStated == true)
            #expect(metadata.counters.usage?.completionTokens == 200)
            #expect(metadata.counters.contentScalars == 11)
            #expect(metadata.counters.contentBytes == 12)
            #expect(!metadata.isError)
            #expect(metadata.counters.images == 0)
        }
    }

    /// A head leaves with the first names, so that a later one cannot be the response's.
    @Test func theFirstOfTwoNamesCounts() {
        for (text, id, model, backend) in [
            (#"{"id":"x","model":"m","id":"y","model":"n"}"#, "x", "m", nil),
            (#"{"id":null,"id":"y","model":7,"model":"n"}"#, nil, nil, nil),
            (#"{"id":"a b","\u0069d":"y"}"#, nil, nil, nil),
            (#"{"backend":{"a":1},"backend":{"b":2}}"#, nil, nil, #"{"a":1}"#),
            (#"{"backend":"ma02","backend":{"b":2},"id":"x"}"#, "x", nil, nil),
        ] as [(String, String?, String?, String?)] {
            for pieces in everySplit(Array(text.utf8)) {
                let metadata = metadata(ofResponse: pieces)
                #expect(metadata.id == id, "\(text)")
                #expect(metadata.model == model, "\(text)")
                #expect(metadata.backend == backend, "\(text)")
            }
        }
    }

    /// Members that stand twice, long ones, and damaged documents are read in any split as in one piece.
    @Test func anySplitIsReadAsTheWhole() {
        var random = SeededGenerator(seed: 71)
        var named = 0
        for round in 0..<1000 {
            var document = Self.document(&random)
            if random.once(in: 3) { document = random.mutated(document, with: Array("\"\\{}[]:,1 é".utf8)) }
            let endpoint = random.pick([Endpoint.chatCompletions, .embeddings, .images, .transcriptions, .models])
            let whole = metadata(ofResponse: [document], endpoint)
            let isSame = (0..<3).allSatisfy { _ in
                metadata(ofResponse: random.pieces(document, upTo: [1, 9, 300, 3000]), endpoint) == whole
            }
            #expect(isSame, "round \(round)")
            if whole.id != nil || whole.model != nil || whole.backend != nil { named += 1 }
        }
        // Else the test would have shown nothing.
        #expect(named > 150)
    }

    private static func document(_ random: inout SeededGenerator) -> [UInt8] {
        let members = (0..<random.number(0...6)).map { _ in
            let space = String(repeating: " ", count: random.pick([0, 0, 1, 490, 2030, 2048]))
            let name = random.pick([
                "id", "id", "model", "model", "backend", "backend", #"\u0069d"#, "error", "usage", "choices",
            ])
            let value = random.pick([
                #""x""#, #""\#(random.number(0...99))""#, #""a b""#, "7", "null",
                #"{"a":\#(random.number(0...9))\#(space)}"#,
                #"{"prompt_tokens":1,"completion_tokens":2}"#, #"[{"message":{"content":"é"}}]"#, "[]", #""\#(space)""#,
            ])
            return #""\#(name)":\#(random.once(in: 4) ? space : "")\#(value)"#
        }
        return Array("\(random.pick(["", "", "\u{FEFF}"])){\(members.joined(separator: ","))}".utf8)
    }

    @Test func identityIsKnownAsSoonAsItHasPassed() {
        let bytes = Array(chat.utf8)
        let scanner = ResponseScanner(endpoint: .chatCompletions)
        var known = 0
        for (index, byte) in bytes.enumerated() {
            scanner.scan([byte].span)
            if scanner.hasIdentity, known == 0 { known = index + 1 }
        }
        #expect(String(decoding: bytes[..<known], as: UTF8.self).hasSuffix("d0d1bf653806\""))
    }

    /// The header `id` names a response, never a model, a file, a batch or another resource.
    @Test func onlyWhatAModelMakesHasAnIDOfItsOwn() {
        let own: Set<Endpoint> = [
            .chatCompletions, .completions, .embeddings, .rerank, .transcriptions, .translations, .images, .responses,
            .messages,
        ]
        for endpoint in Endpoint.allCases {
            let document = #"{"id":"an-id","object":"model","backend":{"a":1},"model":"m"}"#
            #expect(metadata(ofResponse: document, endpoint).id == (own.contains(endpoint) ? "an-id" : nil))
            let head = [Endpoint.responses: "response", .messages: "message"][endpoint]
            let data = head.map { #"{"type":"x","id":"another","\#($0)":\#(document)}"# } ?? document
            let event = transformed([Array("data: \(data)\n\n".utf8)], endpoint).transform
            #expect(event.metadata.id == (own.contains(endpoint) ? "an-id" : nil))
            // Where there is none, nothing waits for it.
            let scanner = ResponseScanner(endpoint: endpoint)
            scanner.scan(Array(#"{"backend":{"a":1},"#.utf8).span)
            #expect(scanner.hasIdentity == !own.contains(endpoint))
        }
    }

    /// As Python's json writes them.
    @Test func nonFiniteNumbersHideNothing() {
        for number in ["NaN", "Infinity", "-Infinity"] {
            let text =
                #"{"id":"x","choices":[{"logprob":\#(number),"message":{"content":"abc"}}],"#
                + #""usage":{"prompt_tokens":3,"completion_tokens":4,"queue_time":\#(number)}}"#
            for pieces in everySplit(Array(text.utf8)) {
                let metadata = metadata(ofResponse: pieces)
                #expect(metadata.counters.contentBytes == 3)
                #expect(metadata.counters.usage?.completionTokens == 4)
            }
            let usage = #"{"usage":{"prompt_tokens":3,"completion_tokens":\#(number)}}"#
            #expect(metadata(ofResponse: usage).counters.usage?.isStated == false)
        }
        #expect(metadata(ofResponse: #"{"duration":NaN}"#, .transcriptions).counters.usage == nil)
        let audio = #"{"duration":Infinity,"usage":{"seconds":2}}"#
        #expect(metadata(ofResponse: audio, .transcriptions).counters.usage?.audioMilliseconds == 2000)
    }

    @Test func largeDocumentsAreReadToTheirEnd() {
        let text =
            #"{"id":"x","choices":[{"message":{"content":""# + String(repeating: "y", count: 3_000_000)
            + #""}}],"usage":{"prompt_tokens":3,"completion_tokens":4}}"#
        let bytes = Array(text.utf8)
        let pieces = stride(from: 0, to: bytes.count, by: 16_000).map {
            Array(bytes[$0..<min($0 + 16_000, bytes.count)])
        }
        #expect(metadata(ofResponse: pieces) == metadata(ofResponse: text))
        #expect(metadata(ofResponse: pieces).counters.usage?.completionTokens == 4)
        #expect(metadata(ofResponse: pieces).counters.contentBytes == 3_000_000)
    }

    @Test(arguments: [("", 0), ("<html>no</html>", 15), ("[1,2]", 0), ("\"text\"", 0), ("{\"id\" 5}", 2)])
    func whatIsNoJSONObjectGivesNoFacts(body: String, unread: Int) {
        var expected = ResponseMetadata()
        // From a fault on, it may be text that was written.
        expected.counters.addUnread(bytes: unread)
        #expect(metadata(ofResponse: body) == expected)
    }

    @Test func theUnreadPartIsTheSameInEverySplit() {
        let text = #"{"choices":[{"message":{"content":"abc"}}],"x":}and more, é"#
        let whole = metadata(ofResponse: text).counters
        #expect(whole.contentBytes == 3 + "}and more, é".utf8.count)
        for pieces in everySplit(Array(text.utf8)) { #expect(metadata(ofResponse: pieces).counters == whole) }
    }

    @Test func whatBreaksOffKeepsWhatItHas() {
        let metadata = metadata(ofResponse: #"{"id":"x","choices":[{"message":{"content":"abc def"#)
        #expect(metadata.id == "x")
        #expect(metadata.counters.contentBytes == 7)
        #expect(metadata.counters.usage == nil)
    }

    @Test func errorsAreSeen() {
        for (json, isError) in [
            (#"{"error":{"message":"no"}}"#, true), (#"{"error":"no"}"#, true), (#"{"error":true}"#, true),
            (#"{"error":1}"#, true),
            (#"{"error":null}"#, false), (#"{"error":false}"#, false), (#"{"error":""}"#, false),
            (#"{"error":0}"#, false),
            (#"{"x":{"error":1}}"#, false),
        ] {
            #expect(metadata(ofResponse: json).isError == isError)
        }
    }

    /// What goes into a head must not end its line.
    @Test func identityIsFitForAHeader() {
        for id in [#"a\r\nset-cookie: x"#, #"a b"#, #"\u0000"#, "é", "", String(repeating: "a", count: 257)] {
            #expect(metadata(ofResponse: #"{"id":"\#(id)"}"#).id == nil)
        }
        #expect(metadata(ofResponse: #"{"id":7}"#).id == nil)
        let backend = metadata(ofResponse: "{\"backend\": { \"a\" : \"é\u{7F}\\r\\n\", \"b\" : 1.50 } }").backend
        #expect(backend == #"{"a":"\u00e9\u007f\r\n","b":1.50}"#)
        #expect(backend?.utf8.allSatisfy { (0x20...0x7E).contains($0) } == true)
    }

    @Test func largeBackendsAreLeftOut() {
        func backend(_ count: Int) -> String? {
            metadata(ofResponse: #"{"backend":{"a":""# + String(repeating: "x", count: count) + #""}}"#).backend
        }
        #expect(backend(504)?.count == 512)
        #expect(backend(505) == nil)
        #expect(metadata(ofResponse: #"{"backend":"ma02"}"#).backend == nil)
        let wide = "{" + String(repeating: " ", count: 5000) + #""backend":{"a":1}}"#
        for pieces in [[Array(wide.utf8)], wide.utf8.map { [$0] }] {
            #expect(metadata(ofResponse: pieces).backend == #"{"a":1}"#)
        }
        let spread = #"{"backend":{"a":"# + String(repeating: " ", count: 5000) + "1}}"
        #expect(metadata(ofResponse: spread.utf8.map { [$0] }).backend == nil)
    }

    @Test func toolCallsAndTextsAreContent() {
        #expect(
            metadata(
                ofResponse:
                    #"{"choices":[{"message":{"content":null,"tool_calls":[{"id":"call_1","function":{"name":"ab","arguments":"{}"}}]}}]}"#
            ).counters.contentBytes == 4)
        #expect(
            metadata(ofResponse: #"{"choices":[{"text":"abc"},{"text":"d"}]}"#, .completions).counters.contentBytes == 4
        )
        #expect(
            metadata(ofResponse: #"{"choices":[{"message":{"reasoning":"abc","reasoning_content":"abc"}}]}"#).counters
                .contentBytes
                == 3)
        #expect(metadata(ofResponse: #"{"text":"abc"}"#, .transcriptions).counters.contentBytes == 3)
    }

    @Test func imagesAreCounted() {
        #expect(metadata(ofResponse: #"{"data":[{"b64_json":"AAAA"},{"url":"x"}]}"#, .images).counters.images == 2)
        #expect(metadata(ofResponse: #"{"data":[{"embedding":[1]}]}"#, .embeddings).counters.images == 0)
    }
}
