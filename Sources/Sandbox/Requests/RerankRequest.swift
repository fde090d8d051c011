/// A request for a rerank.
struct RerankRequest {
    let model: String
    let query: String
    /// The text of each document, from 1 to 10,000.
    let documents: [String]
    /// Results of the response; at least 1.
    let top: Int
    let returnsDocuments: Bool

    init(_ body: JSONValue) throws(SandboxError) {
        model = try body.modelName()
        guard let query = body["query"]?.string else { throw .missing("query") }
        self.query = query
        guard let documents = body["documents"]?.array, !documents.isEmpty else { throw .missing("documents") }
        guard documents.count <= 10_000 else { throw .invalid("At most 10000 documents", param: "documents") }
        self.documents = documents.map { $0.string ?? $0["text"]?.string ?? "" }
        top = body["top_n"]?.integer ?? documents.count
        guard top >= 1 else { throw .invalid("Invalid parameter 'top_n': must be at least 1", param: "top_n") }
        returnsDocuments = body["return_documents"]?.bool == true
    }

    /// A token for every four bytes of the query and of each document.
    var tokens: Int {
        documents.reduce(SandboxText.tokens(ofBytes: query.utf8.count)) {
            $0 + SandboxText.tokens(ofBytes: $1.utf8.count)
        }
    }

    /// The `top` documents that share the most words with the query. Of equal ones, the first in the request is first.
    var ranking: ArraySlice<(index: Int, millionths: Int)> {
        let wanted = Self.words(of: query)
        let scores = documents.enumerated().map { index, text in
            let found = wanted.intersection(Self.words(of: text)).count
            return (index: index, millionths: 10_000 + 980_000 * found / max(1, wanted.count))
        }
        return scores.sorted { ($1.millionths, $0.index) < ($0.millionths, $1.index) }.prefix(top)
    }

    private static func words(of text: String) -> Set<String> {
        Set(text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init))
    }
}
