/// `POST /v1/embeddings`.
extension SandboxUpstream {
    func embeddings(_ call: Call) throws(SandboxError) -> SandboxResponse {
        let request = try EmbeddingsRequest(call.request.body)
        let (model, behaviour) = try model(request.model)
        let dimensions = request.dimensions ?? model.dimensions
        let tokens = behaviour.promptTokens ?? request.tokens
        let id = id("embd-", call.number)

        let numberLength = request.format == .float ? 10 : 6
        var json = JSONOutput(capacity: 256 + request.inputs.count * dimensions * numberLength)
        json.raw(#"{"object":"list","#)
        appendIdentity(id, behaviour, to: &json)
        json.raw(#""model":"#)
        json.string(request.model)
        json.raw(#","data":["#)
        for (index, input) in request.inputs.enumerated() {
            if index > 0 { json.raw(",") }
            json.raw(#"{"object":"embedding","index":"#)
            json.integer(index)
            json.raw(#","embedding":"#)
            let vector = EmbeddingVector(input, dimensions: dimensions)
            switch request.format {
            case .float: vector.appendNumbers(to: &json)
            case .base64: vector.appendBase64(to: &json)
            }
            json.raw("}")
        }
        json.raw("]")
        if behaviour.usage != .none {
            json.raw(#","usage":{"prompt_tokens":"#)
            json.integer(tokens)
            json.raw(#","total_tokens":"#)
            json.integer(tokens)
            json.raw("}")
        }
        json.raw("}")

        var usage = SandboxUsage()
        usage.promptTokens = tokens
        bill(usage, call, model: request.model, behaviour)
        return deliver(json.bytes, id: id, behaviour, to: call)
    }
}
