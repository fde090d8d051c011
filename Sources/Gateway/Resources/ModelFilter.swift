import Clocks
import HTTP1
import OpenAIAPI
import Policy

/// The part of the model list that a client may see, and the form that it reads.
struct ModelFilter {
    let allows: (String) -> Bool
    let aliases: [(alias: String, target: String)]
    /// The query of a client that reads Anthropic's form; nil for one that reads OpenAI's.
    let anthropicQuery: Range<Int>?
}

extension RequestPipeline {
    /// The rewriting of the response to `GET /v1/models` or `/v1/models/{id}`; nil for one that passes as it comes.
    @inline(never)
    func modelRewriting(_ head: ResponseHead, _ route: MatchedRoute) -> Rewriting? {
        guard head.status == 200, let key = details.key else { return nil }
        let isAnthropic = readsAnthropicModels
        if route.modelInPath(of: exchange.head) != nil { return isAnthropic ? .anthropicModel : nil }
        let policies = snapshot.policies
        return .models(
            ModelFilter(
                allows: { policies.allows(key, model: $0) },
                aliases: policies.models.aliases.sorted { $0.key < $1.key }.map { ($0.key, $0.value) },
                anthropicQuery: isAnthropic ? exchange.head.query ?? 0..<0 : nil))
    }

    /// True for a request about models from a client of Anthropic's API, which names the version that it reads. Pages are made
    /// here: the upstream has one list, in OpenAI's form.
    var readsAnthropicModels: Bool {
        details.endpoint == .models && exchange.head.fields.contains("anthropic-version")
    }

    /// The list that the client gets of the upstream's. A body that is no list of models passes as it is.
    @inline(never)
    func shownModels(_ body: [UInt8], _ filter: ModelFilter) throws(RequestFailure) -> [UInt8] {
        guard let list = ModelList(body, allows: filter.allows, aliases: filter.aliases) else { return body }
        guard let query = filter.anthropicQuery else { return list.document }
        do throws(APIError) {
            let page = try exchange.head.fields.withSpan(query) { text throws(APIError) in try AnthropicModelPage(text)
            }
            return try page.document(of: list, timeText: utcText)
        } catch { throw .refused(error, wasSent: true) }
    }

    /// The model of the upstream's description in Anthropic's form. A body that describes none passes as it is.
    @inline(never)
    func anthropicModel(_ body: [UInt8]) -> [UInt8] { AnthropicModel(body.span, timeText: utcText)?.document ?? body }
}

/// The moment `seconds` after 1970 as RFC 3339 writes it.
private func utcText(seconds: Int64) -> String { Timestamp(seconds: seconds).utcText }
