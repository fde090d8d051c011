import Testing

@testable import Sandbox

@Suite struct RerankTests {
    let upstream = SandboxUpstream()

    private static let documents = #""query":"silver bridge","documents":["a stone","The silver bridge","a bridge"]"#

    private func respond(_ members: String, version: Int = 2, model: String = "bge-reranker-large") -> SandboxResponse {
        upstream.respond(to: request("/v\(version)/rerank", #"{"model":"\#(model)",\#(members)}"#))
    }

    @Test func documentsWithMoreOfTheQueryAreFirst() {
        let results = Document(respond(Self.documents))["results"]
        #expect(results.elements.map { $0["index"].int } == [1, 2, 0])
        #expect(results.elements.map { $0["relevance_score"].double } == [0.99, 0.5, 0.01])
    }

    @Test func equalDocumentsKeepTheirOrder() {
        let results = Document(respond(#""query":"x","documents":["a","x","b","x"]"#))["results"]
        #expect(results.elements.map { $0["index"].int } == [1, 3, 0, 2])
    }

    @Test(arguments: [(1, 1), (2, 2), (3, 3), (100, 3)])
    func topNBoundsTheResults(_ top: Int, _ count: Int) {
        #expect(Document(respond(Self.documents + #","top_n":\#(top)"#))["results"].count == count)
    }

    @Test func documentsAreReturnedOnRequest() {
        let with = Document(respond(Self.documents + #","return_documents":true"#))
        #expect(with["results"][0]["document"]["text"].string == "The silver bridge")
        #expect(!Document(respond(Self.documents))["results"][0].has("document"))
    }

    @Test func documentsMayBeObjects() {
        let body = Document(respond(#""query":"x","documents":[{"text":"a"},{"text":"x"},{"other":1}]"#))
        #expect(body["results"][0]["index"].int == 1)
    }

    @Test func theFirstVersionStatesUnitsInMeta() {
        let body = Document(respond(Self.documents, version: 1))
        #expect(body["meta"]["api_version"]["version"].string == "1")
        #expect(body["meta"]["billed_units"]["search_units"].int == 1)
        #expect(!body.has("usage"))
        #expect(body["meta"]["tokens"]["input_tokens"].int == upstream.total.promptTokens)
    }

    @Test func theSecondVersionStatesUnitsTwice() {
        let body = Document(respond(Self.documents))
        #expect(body["meta"]["api_version"]["version"].string == "2")
        #expect(body["meta"]["billed_units"]["search_units"].int == 1)
        #expect(body["usage"]["billed_units"]["search_units"].int == 1)
        #expect(body["usage"]["total_tokens"].int == upstream.total.promptTokens)
    }

    @Test(arguments: [1, 2])
    func unitsAreNotStatedOnRequest(_ version: Int) {
        let body = Document(respond(Self.documents, version: version, model: "sandbox:usage=none"))
        #expect(!body.has("usage"))
        #expect(!body["meta"].has("billed_units"))
        #expect(!body["meta"].has("tokens"))
        #expect(upstream.total.searchUnits == 1)
    }

    @Test(arguments: [(1, 1), (100, 1), (101, 2), (250, 3)])
    func aHundredDocumentsAreAUnit(_ count: Int, _ units: Int) {
        let documents = Array(repeating: #""a""#, count: count).joined(separator: ",")
        _ = respond(#""query":"a","documents":[\#(documents)]"#)
        #expect(upstream.total.searchUnits == units)
    }

    @Test func tokensAreOfQueryAndDocuments() {
        _ = respond(Self.documents)
        // 4 of the query; 2, 5 and 2 of the documents.
        #expect(upstream.total.promptTokens == 13)
    }

    @Test(
        arguments: [
            (#""documents":["a"]"#, "query"), (#""query":5,"documents":["a"]"#, "query"),
            (#""query":"a""#, "documents"),
            (#""query":"a","documents":[]"#, "documents"), (#""query":"a","documents":["a"],"top_n":0"#, "top_n"),
            (#""query":"a","documents":["a"],"top_n":-9223372036854775808"#, "top_n"),
        ])
    func invalidRequestsAreRefused(_ members: String, _ param: String) {
        let response = respond(members)
        #expect(response.status == 400)
        #expect(Document(response)["error"]["param"].string == param)
    }

    @Test func aModelIsRequired() {
        let response = upstream.respond(to: request("/v2/rerank", "{\(Self.documents)}"))
        #expect(Document(response)["error"]["param"].string == "model")
    }
}
