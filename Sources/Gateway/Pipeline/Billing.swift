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
