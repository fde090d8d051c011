import Foundation
import SeededRandom
import Testing

@testable import OpenAIAPI

@Suite struct ContextLengthErrorTests {
    private func coded(_ body: String) -> String? {
        ContextLengthError.coded(Array(body.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }

    /// As the engines write them.
    private static let messages = [
        // vLLM
        "This model's maximum context length is 2048 tokens. However, your request has 8 input tokens plus 2045 'max_tokens'.",
        "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens (4000 in the messages, 1000 in the completion).",
        "You passed 9000 input tokens and requested 100 output tokens. However, the model's context length is only 8192 tokens.",
        "The decoder prompt (length 17772) is longer than the maximum model length of 16384.",
        "The prompt (total length 25938) is too long to fit into the model (context length 4096).",
        // Ollama
        "the input length exceeds the context length", "prompt too long; exceeded max context length by 12 tokens",
        "input length exceeds maximum context length",
        // llama.cpp
        "the request exceeds the available context size, try increasing it",
        "request (9000 tokens) exceeds the available context size (4096 tokens), try increasing it",
        // SGLang
        "The input (691793 tokens) is longer than the model's context length (540000 tokens).",
        "Requested token count exceeds the model's maximum context length of 32768 tokens.",
        // Text Generation Inference
        "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens",
        // OpenAI's Responses API and Anthropic's
        "Your input exceeds the context window of this model. Please adjust your input and try again.",
        "prompt is too long: 213462 tokens > 200000 maximum",
    ]

    @Test(arguments: messages) func engineThatSaysSoGetsTheCode(_ message: String) {
        let before = #"{"error": {"message":"\#(message)", "type":"BadRequestError","param":null,"#
        #expect(coded(before + #""code": 400 }}"#) == before + #""code": "context_length_exceeded" }}"#)
        #expect(coded(before + #""code":null}}"#) == before + #""code":"context_length_exceeded"}}"#)
    }

    @Test func errorWithoutACodeGetsOne() {
        #expect(
            coded(#" {"error": { "message":"Prompt is too long: 5"}, "n":9007199254740993}"#)
                == #" {"error": {"code":"context_length_exceeded", "message":"Prompt is too long: 5"}, "n":9007199254740993}"#
        )
    }

    /// vLLM of before 2025.
    @Test func errorAtTheTopGetsTheCodeThere() {
        let error = #"{"object":"error","message":"This model's maximum context length is 5 tokens.","code":"#
        #expect(coded(error + "400}") == error + #""context_length_exceeded"}"#)
        #expect(
            coded(#"{"message":"the input length exceeds the context length"}"#)
                == #"{"code":"context_length_exceeded","message":"the input length exceeds the context length"}"#)
    }

    /// llama.cpp says it in the type, too.
    @Test func typeSaysItToo() {
        let error = #"{"error":{"code":400,"message":"no","type":"exceed_context_size_error","n_ctx":4096}}"#
        #expect(coded(error) == error.replacing("400", with: #""context_length_exceeded""#))
    }

    @Test(arguments: [
        "", "{}", "[]", "not JSON", #"{"error":null}"#, #"{"error":"maximum context length"}"#,
        #"{"error":{"message":"no such model"}}"#, #"{"error":{"message":5,"type":null}}"#,
        #"{"error":{"param":"maximum context length"}}"#,
        #"{"error":{"message":"no"},"message":"maximum context length"}"#,
        #"{"error":{"message":"maximum context length"}"#, #"{"detail":"maximum context length"}"#,
        #"{"error":{"message":"maximum context length","code":"context_length_exceeded"}}"#,
    ])
    func everyOtherBodyIsLeftAlone(_ body: String) { #expect(coded(body) == nil) }

    /// The phrase is searched in bytes, whatever stands around it: a letter with an accent of its own is no other letter there.
    @Test func phraseIsFoundAnywhere() {
        for text in [
            "maximum context length", "MAXIMUM Context Length", "\u{e9}maximum context length\u{301}",
            "\u{fffd}\u{1f44d}maximum context length\u{1f44d}", "maximum maximum context length",
            String(repeating: "maximum context lengt ", count: 2_000) + "maximum context length",
        ] {
            #expect(ContextLengthError.isSaid(in: ["", text]), "\(text.prefix(40))")
        }
        for text in [
            "", "m", "maximum context lengt", "maximum\u{a0}context length", "\u{212a}maximum  context length",
        ] {
            #expect(!ContextLengthError.isSaid(in: [text]), "\(text)")
        }
    }

    @Test func veryLargeBodiesAreLeftAlone() {
        func error(_ padding: Int) -> String {
            #"{"error":{"message":"maximum context length"},"x":"\#(String(repeating: "x", count: padding))"}"#
        }
        let frame = error(0).utf8.count
        #expect(coded(error(ContextLengthError.byteLimit - frame)) != nil)
        #expect(coded(error(ContextLengthError.byteLimit - frame + 1)) == nil)
    }

    /// Whatever else an error has: it stays valid, has the code, and nothing else changes.
    @Test func randomErrorsStayWhatTheyAre() throws {
        var random = SeededGenerator(seed: 14)
        for _ in 0..<500 {
            let message = try #require(Self.messages.randomElement(using: &random))
            var members = [
                #""message":"\#(message)""#, #""type" : "x""#,
                #""param": null"#, #""details":[{"code":5,"message":"y"}]"#,
            ].shuffled(using: &random)
            let code =
                ["", #""code":400"#, #""code" : null"#, #""code":{"a":[1]}"#].randomElement(using: &random) ?? ""
            if !code.isEmpty { members.insert(code, at: Int.random(in: 0...members.count, using: &random)) }
            let text = "{" + members.joined(separator: " , ") + "}"
            let isNested = Bool.random(using: &random)
            let body = isNested ? #"{"a":1,"error":\#(text),"b":2}"# : text
            let changed = try #require(coded(body))
            let after = try #require(parsed(changed) as? NSDictionary)
            let before = try #require(parsed(body) as? NSDictionary)
            func error(_ document: NSDictionary) throws -> [String: NSObject] {
                try #require((isNested ? document["error"] : document) as? [String: NSObject])
            }
            var expected = try error(before)
            expected["code"] = "context_length_exceeded" as NSString
            #expect(try error(after) == expected)
            #expect(after.allKeys.count == before.allKeys.count + (isNested || !code.isEmpty ? 0 : 1))
        }
    }
}
