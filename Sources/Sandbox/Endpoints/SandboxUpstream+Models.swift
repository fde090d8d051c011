/// `GET /v1/models` and `GET /v1/models/{id}`.
extension SandboxUpstream {
    /// When the catalogue says that every model was made.
    private static let created = 1_749_110_897

    func listModels(_ call: Call) throws(SandboxError) -> SandboxResponse {
        var json = JSONOutput(capacity: 40_000)
        json.raw(#"{"object":"list","data":["#)
        for (index, model) in SandboxModel.all.enumerated() {
            if index > 0 { json.raw(",") }
            Self.append(model, id: model.id, to: &json)
        }
        json.raw("]}")
        return deliver(json.bytes, id: id("req-", call.number), to: call)
    }

    func showModel(_ name: String, _ call: Call) throws(SandboxError) -> SandboxResponse {
        let (model, behaviour) = try model(name)
        var json = JSONOutput(capacity: 512)
        Self.append(model, id: name, to: &json)
        return deliver(json.bytes, id: id("req-", call.number), behaviour, to: call)
    }

    private static func append(_ model: SandboxModel, id: String, to json: inout JSONOutput) {
        json.raw(#"{"id":"#)
        json.string(id)
        json.raw(#","object":"model","created":"#)
        json.integer(created)
        json.raw(#","owned_by":"CloudTemple","root":"#)
        json.string(id)
        json.raw(#","aliases":["#)
        json.string(id)
        json.raw(#"],"parent":null,"max_model_len":"#)
        json.integer(model.contextTokens)
        json.raw(#","permission":[{"id":"#)
        json.string("modelperm-\(id)-\(created)")
        json.raw(#","object":"model_permission","created":"#)
        json.integer(created)
        json.raw(
            #","allow_create_engine":false,"allow_sampling":true,"allow_logprobs":true,"allow_search_indices":false,"#)
        json.raw(#""allow_view":true,"allow_fine_tuning":false,"organization":"*","group":null,"is_blocking":false}]}"#)
    }
}
