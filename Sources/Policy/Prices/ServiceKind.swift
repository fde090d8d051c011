/// The price table by which a request is billed.
package enum ServiceKind: Sendable, CaseIterable {
    /// Input, output and reasoning tokens: chat, completions, embeddings.
    case tokens
    /// Tokens of a query and its documents.
    case rerank
    /// Started minutes of audio.
    case transcription
    /// Characters of text for speech.
    case speech
    /// Generated images.
    case images
    /// Tokens of a batch's lines.
    case batch
    /// Nothing: model lists, files, polls.
    case free
}
