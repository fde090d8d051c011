import Foundation
import Testing

@testable import Sandbox

@Suite struct EmbeddingsTests {
    let upstream = SandboxUpstream()

    private func respond(_ members: String, model: String = "sandbox") -> SandboxResponse {
        upstream.respond(to: request("/v1/embeddings", #"{"model":"\#(model)",\#(members)}"#))
    }

    private func floats(_ members: String, model: String = "bge-m3:567m") -> [[Double]] {
        Document(respond(members, model: model))["data"].elements.map {
            $0["embedding"].elements.compactMap(\.double)
        }
    }

    @Test func aListHasAnEmbeddingForEachInput() {
        let body = Document(respond(#""input":["one","two"],"dimensions":3"#))
        #expect(body["object"].string == "list")
        #expect(body["model"].string == "sandbox")
        #expect(body["data"].elements.map { $0["index"].int } == [0, 1])
        #expect(body["data"][0]["object"].string == "embedding")
    }

    @Test(arguments: [("bge-m3:567m", 1024), ("embeddinggemma:300m", 768), ("qwen3-embedding:8b", 4096)])
    func vectorsHaveTheModelsDimensions(_ model: String, _ dimensions: Int) {
        #expect(floats(#""input":"x""#, model: model).map(\.count) == [dimensions])
    }

    @Test(arguments: [1, 5, 8192])
    func vectorsHaveTheRequestedDimensions(_ dimensions: Int) {
        #expect(floats(#""input":"x","dimensions":\#(dimensions)"#).map(\.count) == [dimensions])
    }

    @Test func vectorsHaveLengthOne() {
        let vector = floats(#""input":"x""#)[0]
        #expect(abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 0.001)
    }

    @Test func vectorsDependOnTheTextAlone() {
        let vectors = floats(#""input":["one","two, ]","one"]"#)
        #expect(vectors[0] == vectors[2])
        #expect(vectors[0] != vectors[1])
    }

    @Test func bothEncodingsAgree() throws {
        let numbers = floats(#""input":["one","two"]"#)
        let packed = Document(respond(#""input":["one","two"],"encoding_format":"base64""#, model: "bge-m3:567m"))[
            "data"]
        try #require(packed.count == 2)
        for (element, numbers) in zip(packed.elements, numbers) {
            let bytes = try #require(Data(base64Encoded: element["embedding"].string ?? ""))
            let unpacked = bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
            try #require(unpacked.count == numbers.count)
            #expect(zip(unpacked, numbers).allSatisfy { abs(Double($0) - $1) < 1e-6 })
        }
    }

    @Test(arguments: [
        (#""input":"abcde""#, 1, 2), (#""input":"""#, 1, 0), (#""input":["abcd","ef"]"#, 2, 2),
        (#""input":[1,2,3]"#, 1, 3), (#""input":[[1,2],[3]]"#, 2, 3),
    ])
    func inputsAreCounted(_ input: String, _ count: Int, _ tokens: Int) {
        let body = Document(respond(#""dimensions":5,\#(input)"#))
        #expect(body["data"].count == count)
        #expect(body["usage"]["prompt_tokens"].int == tokens)
        #expect(body["usage"]["total_tokens"].int == tokens)
        #expect(upstream.total.promptTokens == tokens)
    }

    @Test(
        arguments: [
            (#""input":[]"#, "input"), (#""input":null"#, "input"), (#""input":5"#, "input"), (#""other":1"#, "input"),
            (#""input":"x","dimensions":0"#, "dimensions"), (#""input":"x","dimensions":8193"#, "dimensions"),
            (#""input":"x","dimensions":"5""#, "dimensions"), (#""input":"x","dimensions":1e400"#, "dimensions"),
            (#""input":"x","encoding_format":"hex""#, "encoding_format"),
        ])
    func invalidRequestsAreRefused(_ members: String, _ param: String) {
        let response = respond(members)
        #expect(response.status == 400)
        #expect(Document(response)["error"]["param"].string == param)
        #expect(upstream.totals.isEmpty)
    }

    @Test func inputsAreBounded() {
        func status(_ count: Int) -> Int {
            respond(#""dimensions":1,"input":[\#(Array(repeating: "\"a\"", count: count).joined(separator: ","))]"#)
                .status
        }
        #expect(status(2048) == 200)
        #expect(status(2049) == 400)
    }

    @Test func usageIsStatedOrNot() {
        #expect(
            Document(respond(#""input":"abcd""#, model: "sandbox:prompt_tokens=77"))["usage"]["prompt_tokens"].int == 77
        )
        #expect(!Document(respond(#""input":"abcd""#, model: "sandbox:usage=none")).has("usage"))
        #expect(upstream.total.promptTokens == 78)
    }
}
