/// `POST /v1/rerank` and `POST /v2/rerank`, in Cohere's two shapes.
///
/// The more of the query's words a document has, the more relevant it is.
extension SandboxUpstream {
    func rerankV1(_ call: Call) throws(SandboxRefusal) -> SandboxAnswer { try rerank(call, isV1: true) }

    func rerankV2(_ call: Call) throws(SandboxRefusal) -> SandboxAnswer { try rerank(call, isV1: false) }

    private func rerank(_ call: Call, isV1: Bool) throws(SandboxRefusal) -> SandboxAnswer {
        let body = try jsonBody(call)
        let name = try modelName(body)
        let (_, behaviour) = try model(name)
        guard let query = body["query"]?.string else { throw .missing("query") }
        guard let documents = body["documents"]?.array, !documents.isEmpty else { throw .missing("documents") }
        guard documents.count <= 10_000 else { throw .invalid("At most 10000 documents", param: "documents") }
        let texts = documents.map { $0.string ?? $0["text"]?.string ?? "" }
        let top = body["top_n"]?.integer ?? texts.count
        guard top >= 1 else { throw .invalid("Invalid parameter 'top_n': must be at least 1", param: "top_n") }

        let ranking = Self.ranking(of: texts, for: query).prefix(top)
        let searchUnits = (texts.count + 99) / 100
        let id = id("rerank-", call.number)
        var json = JSONOutput(capacity: 256 + ranking.count * 64)
        json.raw("{")
        appendIdentity(id, behaviour, to: &json)
        json.raw(#""results":["#)
        for (position, entry) in ranking.enumerated() {
            if position > 0 { json.raw(",") }
            json.raw(#"{"index":"#)
            json.integer(entry.index)
            json.raw(#","relevance_score":"#)
            json.millionths(entry.millionths)
            if body["return_documents"]?.bool == true {
                json.raw(#","document":{"text":"#)
                json.string(texts[entry.index])
                json.raw("}")
            }
            json.raw("}")
        }
        json.raw("]")
        if !isV1, behaviour.usage != .none {
            json.raw(#","usage":{"billed_units":{"search_units":"#)
            json.integer(searchUnits)
            json.raw("}}")
        }
        json.raw(isV1 ? #","meta":{"api_version":{"version":"1"}"# : #","meta":{"api_version":{"version":"2"}"#)
        if behaviour.usage != .none {
            json.raw(#","billed_units":{"search_units":"#)
            json.integer(searchUnits)
            json.raw("}")
        }
        json.raw("}}")

        var usage = SandboxUsage()
        usage.searchUnits = searchUnits
        usage.promptTokens = texts.reduce(SandboxText.tokens(ofBytes: query.utf8.count)) {
            $0 + SandboxText.tokens(ofBytes: $1.utf8.count)
        }
        bill(usage, call, model: name, behaviour)
        return deliver(json.bytes, id: id, behaviour, to: call)
    }

    /// The documents' indices, the most relevant first, those that are equally so in their order.
    private static func ranking(of texts: [String], for query: String) -> [(index: Int, millionths: Int)] {
        let wanted = words(of: query)
        let scores = texts.enumerated().map { index, text in
            let found = wanted.intersection(words(of: text)).count
            return (index: index, millionths: 10_000 + 980_000 * found / max(1, wanted.count))
        }
        return scores.sorted { ($1.millionths, $0.index) < ($0.millionths, $1.index) }
    }

    private static func words(of text: String) -> Set<String> {
        Set(text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init))
    }

    // MARK: Bodies that are read as a tree

    func jsonBody(_ call: Call) throws(SandboxRefusal) -> JSONValue {
        guard let body = JSONValue(call.request.body), body.object != nil else {
            throw .invalid("The body must be a JSON object.")
        }
        return body
    }

    func modelName(_ body: JSONValue) throws(SandboxRefusal) -> String {
        guard let name = body["model"]?.string, !name.isEmpty else { throw .missing("model") }
        return name
    }
}
