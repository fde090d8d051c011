import Bytes
import SeededRandom
import Testing

@testable import OpenAIAPI

@Suite struct BatchInputScannerTests {
    private static func line(_ body: String, url: String = "/v1/chat/completions", tail: String = "") -> String {
        #"{"custom_id":"1","method":"POST","url":"\#(url)","body":\#(body)\#(tail)}"#
    }

    private func read(_ pieces: [[UInt8]]) -> BatchInput {
        let scanner = BatchInputScanner()
        for piece in pieces { scanner.scan(piece.span) }
        return scanner.finish()
    }

    private func read(_ lines: String...) -> BatchInput { read([Array(lines.joined(separator: "\n").utf8)]) }

    /// What the request alone would be bounded by, with the bytes of the line.
    private func sum(_ line: String, _ body: String, _ endpoint: Endpoint) throws -> BatchInput.Sum {
        let scanner = try RequestScanner(endpoint: endpoint, contentType: "application/json".utf8.span)
        try scanner.scan(Array(body.utf8).span)
        let metadata = try scanner.finish()
        var counters = metadata.counters
        counters.bodyBytes = line.utf8.count
        var sum = BatchInput.Sum()
        sum.lines = 1
        sum.likelyInputTokens = counters.likelyMostInputTokens
        sum.mostInputTokens = counters.mostInputTokens
        if endpoint.billing != .inputTokens {
            if let bound = metadata.maxOutputTokens {
                sum.outputTokens = bound * metadata.generations
            } else {
                sum.unboundedOutputs = metadata.generations
            }
        }
        return sum
    }

    private static let bodies: [(Endpoint, String, String)] = [
        (
            .chatCompletions, "/v1/chat/completions",
            #"{"model":"m","messages":[{"role":"user","content":"hé"}],"max_tokens":7}"#
        ),
        (
            .chatCompletions, "/v1/chat/completions",
            #"{"model":"m","messages":[],"max_tokens":7,"max_completion_tokens":9,"n":3}"#
        ),
        (
            .chatCompletions, "/v1/chat/completions",
            #"{"messages":[{"content":[{"type":"image_url","image_url":{"url":"data:abcdefghijklmnopq"}}]}],"model":"m","n":2}"#
        ),
        (
            .chatCompletions, "/v1/chat/completions",
            #"{"model":"m","messages":[{"content":[{"input_audio":{"data":"abcdefghijklmnopqrstuvwxyz"}}]}],"tools":[{"function":{"name":"a"}}],"max_tokens":0}"#
        ),
        (.completions, "/v1/completions", #"{"model":"m","prompt":["a","b"],"max_tokens":5,"best_of":4}"#),
        (.completions, "/v1/completions", #"{"model":"m","prompt":"a","max_completion_tokens":5,"n":2}"#),
        (.embeddings, "/v1/embeddings", #"{"model":"m","input":["a","b"],"max_tokens":5}"#),
        (
            .responses, "/v1/responses",
            #"{"model":"m","input":[{"content":[{"image_url":"abcdefghijklmnopqrst"}]}],"max_output_tokens":11}"#
        ),
        (.other, "/v1/moderations", #"{"model":"m","input":"a","max_tokens":11}"#),
    ]

    @Test(arguments: bodies)
    func aLineIsBoundedAsTheRequestAloneWouldBe(_ endpoint: Endpoint, _ url: String, _ body: String) throws {
        for (line, lines) in [
            (Self.line(body, url: url), 1), (#"{"body":\#(body),"url":"\#(url)"}"#, 2),
        ] {
            let input = read([Array(Array(repeating: line, count: lines).joined(separator: "\r\n").utf8)])
            let one = try sum(line, body, endpoint)
            #expect(input.fault == nil)
            #expect(input.url == url)
            #expect(input.models.keys.sorted() == ["m"])
            let found = try #require(input.models["m"])
            #expect(found.lines == Int64(lines))
            #expect(found.outputTokens == one.outputTokens * Int64(lines))
            #expect(found.unboundedOutputs == one.unboundedOutputs * Int64(lines))
            #expect(input.largestOutput == one.outputTokens)
            #expect(found.largestOutput == one.outputTokens)
            // A carriage return is a byte of the line too.
            #expect(found.mostInputTokens == one.mostInputTokens * Int64(lines) + Int64(lines - 1))
        }
    }

    @Test(arguments: 0..<40)
    func anySplitHasTheSameSums(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let lines = (0..<generator.number(1...12)).map { _ in
            let body = generator.pick(Self.bodies.filter { $0.0 == .chatCompletions }).2
            return Self.line(body.replacing(#""m""#, with: #""model-\#(generator.number(0...3))""#))
                + (generator.once(in: 4) ? "\n\n  \n" : "\n")
        }
        var bytes = Array(lines.joined().utf8)
        if generator.once(in: 3) { bytes = generator.mutated(bytes, with: Array("{}[]\":,\n\\x0é".utf8)) }
        let whole = read([bytes])
        for _ in 0..<20 { #expect(read(generator.pieces(bytes)) == whole) }
        #expect(read(bytes.map { [$0] }) == whole)
    }

    @Test func modelsHaveSumsOfTheirOwn() {
        let input = read(
            Self.line(#"{"model":"a","max_tokens":3}"#), Self.line(#"{"model":"b","max_tokens":4}"#),
            Self.line(#"{"model":"a","max_tokens":5}"#), "")
        #expect(input.models.mapValues(\.outputTokens) == ["a": 8, "b": 4])
        #expect(input.models.mapValues(\.lines) == ["a": 2, "b": 1])
        #expect(input.largestOutput == 5)
    }

    @Test(arguments: [
        ("{", "Invalid"), (line(#"{"messages":[]}"#), "model"), (line(#"{"model":7}"#), "'model'"),
        (line(#"{"model":"a","model":"b"}"#), "twice"), (line(#"{"model":"a","Model":"b"}"#), "spelling"),
        (line(#"{"model":"a"}"#, tail: #","body":{"model":"b"}"#), "twice"),
        (line(#"{"model":"a"}"#, tail: #","url":"/v1/embeddings""#), "twice"),
        (line(#"{"model":"a","max_tokens":-1}"#), "'max_tokens'"), (line(#"{"model":"a","n":0}"#), "'n'"),
        (#"{"body":{"model":"a"}}"#, "'url'"), (#"{"url":7,"body":{"model":"a"}}"#, "'url'"), ("[]", "'url'"),
        (line("[]"), "model"), (line(#"{"model":"a"}"#, url: "/v1/embeddings"), "the same in all lines"),
        (line(#"{"model":"a\u0000"}"#), "'model'"), ("\u{1}", "Invalid"),
    ])
    func aLineThatCannotBeJudgedIsAFault(_ line: String, _ word: String) throws {
        let good = Self.line(#"{"model":"a"}"#)
        let fault = try #require(read(good, "", line, good).fault)
        #expect(fault.hasPrefix("Line 2 of the input file: "))
        #expect(fault.contains(word), "\(fault)")
        #expect(!fault.contains("custom_id"))
    }

    @Test func modelsAreBounded() {
        let lines = (0..<1000).map { Self.line(#"{"model":"m\#($0)"}"#) }
        let input = read([Array(lines.joined(separator: "\n").utf8)])
        #expect(input.models.count == BatchInputScanner.modelLimit)
        #expect(input.fault?.hasPrefix("Line 65 of the input file: ") == true)
    }

    @Test func anEmptyFileHasNoLines() { #expect(read("", "  ", "\r") == BatchInput()) }

    @Test func wildNumbersAreSaturated() {
        let line = Self.line(#"{"model":"a","max_tokens":9223372036854775807,"n":1000000}"#)
        let input = read(line, line)
        #expect(input.models["a"]?.outputTokens == .max)
        #expect(input.largestOutput == .max)
    }
}
