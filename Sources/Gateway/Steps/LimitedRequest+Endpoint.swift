import OpenAIAPI
import Policy

extension Endpoint {
    /// The price table that the endpoint is billed by.
    var serviceKind: ServiceKind {
        switch self {
        case .chatCompletions, .completions, .embeddings, .other: .tokens
        case .rerank: .rerank
        case .transcriptions, .translations, .realtime: .transcription
        case .speech: .speech
        case .images: .images
        case .models, .files, .batches: .free
        }
    }
}

extension LimitedRequest {
    /// The bounds of a request to `endpoint`, by the metadata of its body.
    init(_ endpoint: Endpoint, _ facts: RequestMetadata?, model: String?) {
        var units = BillableUnits()
        var most: Int64 = 0
        var output = Output.none
        switch endpoint {
        case .chatCompletions, .completions, .embeddings, .rerank:
            units.inputTokens = facts?.amounts.likelyMostInputTokens ?? 0
            most = facts?.amounts.mostInputTokens ?? 0
            if endpoint.writesText {
                let choices = facts?.generations ?? 1
                output =
                    facts?.maxOutputTokens.map { .bounded(perChoice: $0, choices: choices) }
                    ?? .unbounded(choices: choices, canBeBounded: facts?.canBeBounded ?? false)
            }
        case .transcriptions, .translations:
            units.audioMinutes = facts?.amounts.estimatedAudioMinutes ?? 1
        case .realtime: units.audioMinutes = 1
        case .speech: units.characters = Int64(facts?.amounts.inputScalars ?? 0)
        case .images: units.images = facts?.amounts.images ?? 1
        case .other: output = .unbounded(choices: 1, canBeBounded: false)
        case .models, .files, .batches: break
        }
        self.init(kind: endpoint.serviceKind, model: model, units: units, mostInputTokens: most, output: output)
    }
}
