import OpenAIAPI
import Policy

extension Billing {
    /// The price table that this billing uses.
    var serviceKind: ServiceKind {
        switch self {
        case .textTokens, .inputTokens, .unknown: .tokens
        case .rerank: .rerank
        case .audioMinutes, .connectionMinutes: .transcription
        case .characters: .speech
        case .images: .images
        case .free: .free
        }
    }
}

extension ServiceKind {
    /// The price table of the rows of `endpoint`, a name in the ledger; nil for a name that no endpoint has.
    package init?(endpoint name: String) {
        guard let endpoint = Endpoint.allCases.first(where: { $0.name == name }) else { return nil }
        // Requests about batches are free; their rows have the usage of a batch's lines.
        self = endpoint == .batches ? .batch : endpoint.billing.serviceKind
    }
}
