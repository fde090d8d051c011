import HTTP1
import OpenAIAPI
import Policy

/// The part of the model list that a client may see.
struct ModelFilter {
    let allows: (String) -> Bool
    let aliases: [(alias: String, target: String)]
}

extension RequestPipeline {
    /// A filter for the response to `GET /v1/models`; nil for every other response.
    @inline(never)
    func modelFilter(_ head: ResponseHead, _ route: MatchedRoute) -> ModelFilter? {
        guard route.modelInPath(of: exchange.head) == nil, head.status == 200, let key = details.key else { return nil }
        let policies = snapshot.policies
        return ModelFilter(
            allows: { policies.allows(key, model: $0) },
            aliases: policies.models.aliases.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    }
}
