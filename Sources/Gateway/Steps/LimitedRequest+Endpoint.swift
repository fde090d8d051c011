import OpenAIAPI
import Policy

extension LimitedRequest {
    /// The bounds of a request to `endpoint`, by the metadata of its body.
    init(_ endpoint: Endpoint, _ metadata: RequestMetadata?, model: String?) {
        let counters = metadata?.counters ?? RequestCounters()
        var units = BillableUnits()
        var most: Int64 = 0
        var output = Output.none
        switch endpoint.billing {
        case .textTokens, .unknown:
            units.inputTokens = counters.likelyMostInputTokens
            most = counters.mostInputTokens
            output = Output(metadata)
        case .inputTokens, .rerank:
            units.inputTokens = counters.likelyMostInputTokens
            most = counters.mostInputTokens
        case .audioMinutes: units.audioMinutes = counters.estimatedAudioMinutes
        case .connectionMinutes: units.audioMinutes = 1
        case .characters: units.characters = counters.characters
        case .images: units.images = max(1, counters.images)
        case .free: break
        }
        self.init(
            kind: endpoint.billing.serviceKind, model: model, units: units, mostInputTokens: most, output: output)
        if most > 0 {
            textBytes = counters.textBytes
            isText = counters.isText
        }
    }

    /// A request that reads or deletes: it uses a request and nothing more.
    static func read(model: String?) -> LimitedRequest {
        LimitedRequest(kind: .free, model: model, units: BillableUnits(), output: .none)
    }
}

extension LimitedRequest.Output {
    /// The bound of the output that the body states.
    fileprivate init(_ metadata: RequestMetadata?) {
        let choices = metadata?.generations ?? 1
        self =
            metadata?.maxOutputTokens.map { .bounded(perChoice: $0, choices: choices) }
            ?? .unbounded(choices: choices, canBeBounded: metadata?.canBeBounded ?? false)
    }
}
