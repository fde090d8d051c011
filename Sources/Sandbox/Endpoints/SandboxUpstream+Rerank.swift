/// `POST /v1/rerank` and `POST /v2/rerank`, in Cohere's two formats.
extension SandboxUpstream {
    func rerankV1(_ call: Call) throws(SandboxError) -> SandboxResponse { try rerank(call, isV1: true) }

    func rerankV2(_ call: Call) throws(SandboxError) -> SandboxResponse { try rerank(call, isV1: false) }

    private func rerank(_ call: Call, isV1: Bool) throws(SandboxError) -> SandboxResponse {
        let request = try RerankRequest(JSONValue(object: call.request.body))
        let (_, behaviour) = try model(request.model)
        var usage = SandboxUsage()
        usage.promptTokens = request.tokens
        usage.searchUnits = (request.documents.count + 99) / 100
        let id = id("rerank-", call.number)

        let ranking = request.ranking
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
            if request.returnsDocuments {
                json.raw(#","document":{"text":"#)
                json.string(request.documents[entry.index])
                json.raw("}")
            }
            json.raw("}")
        }
        json.raw("]")
        Self.append(usage, isV1: isV1, behaviour, to: &json)
        json.raw("}")
        bill(usage, call, model: request.model, behaviour)
        return deliver(json.bytes, id: id, behaviour, to: call)
    }

    /// Appends the billed units, which the second version states twice, and the tokens: the first version in Cohere's place, the
    /// second in that of other rerankers.
    private static func append(
        _ usage: SandboxUsage, isV1: Bool, _ behaviour: Behaviour, to json: inout JSONOutput
    ) {
        func appendBilledUnits() {
            json.raw(#""billed_units":{"search_units":"#)
            json.integer(usage.searchUnits)
            json.raw("}")
        }
        if !isV1, behaviour.usage != .none {
            json.raw(#","usage":{"#)
            appendBilledUnits()
            json.raw(#","total_tokens":"#)
            json.integer(usage.promptTokens)
            json.raw("}")
        }
        json.raw(isV1 ? #","meta":{"api_version":{"version":"1"}"# : #","meta":{"api_version":{"version":"2"}"#)
        if behaviour.usage != .none {
            json.raw(",")
            appendBilledUnits()
            if isV1 {
                json.raw(#","tokens":{"input_tokens":"#)
                json.integer(usage.promptTokens)
                json.raw("}")
            }
        }
        json.raw("}")
    }
}
