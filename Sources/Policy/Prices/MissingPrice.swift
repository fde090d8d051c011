import Bytes

/// A model that is used and lacks its own price. It deserves a warning: no budget bounds what costs nothing, and another
/// model's price is a guess.
package struct MissingPrice: Sendable, Hashable {
    /// The model; nil where the request named none.
    package let model: String?
    /// The service.
    package let kind: ServiceKind
    /// True where the service costs nothing, false where it costs the default price.
    package let isFree: Bool

    /// A gap with these facts.
    package init(model: String?, kind: ServiceKind, isFree: Bool) {
        self.model = model
        self.kind = kind
        self.isFree = isFree
    }
}

extension MissingPrice: CustomStringConvertible {
    /// The warning: the service, its effect and the remedy.
    package var description: String {
        let entry = model.map { JSONString.quoted($0) } ?? "default"
        let effect =
            isFree ? "have no price, so they cost nothing and no budget bounds them" : "are billed at the default price"
        return "\(kind.words) of the model \(entry) \(effect); set \(kind.members) in models.prices.\(entry)"
    }
}

extension ServiceKind {
    /// The billed units, as the subject of a sentence.
    fileprivate var words: String {
        switch self {
        case .tokens: "tokens"
        case .batch: "tokens of batches"
        case .rerank: "tokens of reranks"
        case .transcription: "minutes of audio"
        case .speech: "characters of speech"
        case .images: "images"
        case .free: "requests"
        }
    }

    /// The members of a price in the configuration.
    fileprivate var members: String {
        switch self {
        case .tokens: "input and output"
        case .batch: "batch_input and batch_output"
        case .rerank: "rerank"
        case .transcription: "audio_minute"
        case .speech: "speech"
        case .images: "image"
        case .free: "a price"
        }
    }
}
