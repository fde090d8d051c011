import Foundation
import Testing

@testable import Sandbox

@Suite struct OtherEndpointTests {
    let upstream = SandboxUpstream()

    @Test func embeddingsAreTheSameInBothEncodings() throws {
        func data(_ format: String) -> Document {
            Document(
                upstream.respond(
                    to: request("/v1/embeddings", #"{"model":"bge-m3:567m","input":["one","two, ]","one"]\#(format)}"#))
            )["data"]
        }
        let floats = data("").elements.map { $0["embedding"].elements.compactMap(\.double) }
        #expect(floats.map(\.count) == [1024, 1024, 1024])
        #expect(floats[0] == floats[2])
        #expect(floats[0] != floats[1])
        #expect(abs(floats[0].reduce(0) { $0 + $1 * $1 } - 1) < 0.001)
        let packed = try data(#","encoding_format":"base64""#).elements.map { try #require($0["embedding"].string) }
        for (text, numbers) in zip(packed, floats) {
            let bytes = try #require(Data(base64Encoded: text))
            let unpacked = bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
            #expect(unpacked.count == numbers.count)
            #expect(zip(unpacked, numbers).allSatisfy { abs(Double($0) - $1) < 1e-6 })
        }
    }

    @Test(arguments: [
        (#""input":"abcde""#, 1, 2), (#""input":["abcd","ef"]"#, 2, 2), (#""input":[1,2,3]"#, 1, 3),
        (#""input":[[1,2],[3]]"#, 2, 3),
    ])
    func embeddingsCountTheirInputs(_ input: String, _ count: Int, _ tokens: Int) {
        let body = Document(
            upstream.respond(to: request("/v1/embeddings", #"{"model":"sandbox","dimensions":5,\#(input)}"#)))
        #expect(body["data"].count == count)
        #expect(body["data"][0]["embedding"].count == 5)
        #expect(body["usage"]["prompt_tokens"].int == tokens)
        #expect(upstream.total.promptTokens == tokens)
    }

    @Test func rerankingPutsTheWordsThatWereAskedForFirst() {
        let body =
            #"{"model":"bge-reranker-large","query":"silver bridge","documents":["a stone","The silver bridge","a bridge"],"top_n":2,"return_documents":true}"#
        let first = Document(upstream.respond(to: request("/v1/rerank", body)))
        #expect(first["results"].elements.map { $0["index"].int } == [1, 2])
        #expect(first["results"][0]["document"]["text"].string == "The silver bridge")
        #expect(first["meta"]["billed_units"]["search_units"].int == 1)
        #expect(!first.has("usage"))
        let second = Document(upstream.respond(to: request("/v2/rerank", body)))
        #expect(second["usage"]["billed_units"]["search_units"].int == 1)
        // The query has 4 tokens, the documents 2, 5 and 2.
        #expect(upstream.total.promptTokens == 2 * 13)
        #expect(upstream.total.searchUnits == 2)
    }

    @Test(arguments: [true, false])
    func transcriptionsTakeTheFileAnywhereAndNoModel(_ fileFirst: Bool) {
        let answer = upstream.respond(
            to: upload(
                "/v1/audio/transcriptions", ["language": "de"], file: [UInt8](repeating: 1, count: 400_000),
                fileFirst: fileFirst))
        let body = Document(answer)
        #expect(body["duration"].double == 25)
        #expect(body["segments"].elements.map { $0["end"].double } == [10, 20, 25])
        #expect(body["text"].string?.split(separator: " ").count == 50)
        #expect(upstream.total.audioMilliseconds == 25_000)
    }

    @Test func aWaveFileIsAsLongAsItsHeaderSays() {
        let speech = upstream.respond(
            to: request(
                "/v1/audio/speech", #"{"model":"voxtral","voice":"a","input":"\#(String(repeating: "é", count: 30))"}"#)
        )
        #expect(speech.header("content-type") == "audio/wav")
        #expect(speech.declaredLength == nil)
        #expect(upstream.total.characters == 30)
        let file = speech.wholeBody
        #expect(file.count == 44 + 2 * 48_000)
        let body = Document(
            upstream.respond(
                to: upload(
                    "/v1/audio/translations", ["model": "voxtral", "response_format": "verbose_json"], file: file)))
        #expect(body["duration"].double == 2)
        #expect(body["task"].string == "translate")
    }

    @Test func transcriptionsHaveTheFormThatIsAskedFor() {
        func text(_ fields: [String: String]) -> String {
            upstream.respond(to: upload("/v1/audio/transcriptions", fields, file: [UInt8](repeating: 0, count: 16_000)))
                .text
        }
        #expect(text(["response_format": "text"]) == "the gateway\n")
        #expect(text(["response_format": "srt"]) == "1\n00:00:00,000 --> 00:00:01,000\nthe gateway \n\n")
        #expect(text(["response_format": "vtt"]).hasPrefix("WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n"))
        #expect(text(["response_format": "cbor"]).contains("response_format"))
        let plain = Document(Array(text(["model": "sandbox:usage=none"]).utf8))
        #expect(!plain.has("duration"))
        #expect(!plain.has("segments"))
        let streamed = events(Array(text(["stream": "true"]).utf8))
        #expect(streamed.count == 4)
        #expect(Document(Array(streamed[2].utf8))["usage"]["seconds"].double == 1)
    }

    @Test func imagesArePNGFiles() throws {
        let body = Document(
            upstream.respond(
                to: request(
                    "/v1/images/generations", #"{"model":"sandbox:size=5000","prompt":"x","n":2,"size":"20x10"}"#)))
        #expect(body["data"].count == 2)
        let file = Array(try #require(Data(base64Encoded: body["data"][0]["b64_json"].string ?? "")))
        #expect(file.count == 5000)
        #expect(Array(file[1..<4]) == Array("PNG".utf8))
        #expect(Array(file[16..<24]) == [0, 0, 0, 20, 0, 0, 0, 10])
        #expect(upstream.total.images == 2)
    }

    @Test func modelsAreThoseOfTheCatalogue() {
        let list = Document(upstream.respond(to: request("/v1/models", method: "GET")))
        #expect(list["data"].count == SandboxModel.all.count)
        #expect(
            list["data"].elements.allSatisfy { ($0["max_model_len"].int ?? -1) >= 0 && $0["permission"].count == 1 })
        func id(_ path: String) -> String? { Document(upstream.respond(to: request(path, method: "GET")))["id"].string }
        #expect(id("/v1/models/gpt-oss:120b") == "gpt-oss:120b")
        #expect(id("/v1/models/nvidia%2Fllama-nemotron-rerank-vl-1b-v2") == "nvidia/llama-nemotron-rerank-vl-1b-v2")
        #expect(upstream.respond(to: request("/v1/models/none", method: "GET")).status == 404)
    }

    @Test func keysAreChecked() {
        #expect(upstream.respond(to: SandboxRequest(method: "GET", target: "/v1/models")).status == 401)
        var options = SandboxOptions()
        options.apiKey = "right"
        let strict = SandboxUpstream(options: options)
        func status(_ value: String) -> Int {
            strict.respond(to: SandboxRequest(method: "GET", target: "/v1/models", headers: ["authorization": value]))
                .status
        }
        #expect(status("Bearer right") == 200)
        #expect(status("Bearer wrong") == 401)
        #expect(status("Basic right") == 401)
    }

    @Test func wrongPathsAndMethodsAreRefused() {
        #expect(upstream.respond(to: request("/v1/none")).status == 404)
        #expect(upstream.respond(to: request("/v2/chat/completions")).status == 404)
        let wrong = upstream.respond(to: request("/v1/chat/completions", method: "GET"))
        #expect(wrong.status == 405)
        #expect(wrong.header("allow") == "POST")
        #expect(wrong.header("id") != nil)
        #expect(wrong.header("backend") != nil)
    }

    @Test func rateLimitHeadersCountDown() {
        let first = upstream.respond(to: chat())
        let second = upstream.respond(to: chat())
        #expect(first.header("x-ratelimit-limit-requests") == "100000")
        let left = Int(first.header("x-ratelimit-remaining-requests") ?? "") ?? 0
        #expect(second.header("x-ratelimit-remaining-requests") == "\(left - 1)")
        #expect(Int64(first.header("x-ratelimit-reset-requests") ?? "") ?? 0 > SandboxOptions().clock())
    }

    @Test func totalsAreKeptForEachPayer() {
        _ = upstream.respond(to: chat("gpt-oss:20b", more: #""max_tokens":3"#))
        _ = upstream.respond(to: chat("gpt-oss:20b", more: #""max_tokens":4"#))
        var other = chat()
        other.authorization = "Bearer other"
        _ = upstream.respond(to: other)
        let own = upstream.totals[SandboxPayer(authorization: "Bearer key", model: "gpt-oss:20b")]
        #expect(own?.requests == 2)
        #expect(own?.completionTokens == 7)
        #expect(upstream.totals.count == 2)
    }
}
