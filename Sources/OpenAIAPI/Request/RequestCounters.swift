import Bytes

/// The quantities of a request that are billed or limited. Integers only, so a copy costs nothing.
package struct RequestCounters: Sendable, Equatable {
    /// Unicode scalars of the text that the model reads: messages, tools, prompt, input, query and documents.
    package var inputScalars = 0
    /// Bytes of the same text in UTF-8.
    package var inputBytes = 0
    /// Inputs of an embedding or completion, or documents to rank; 1 for a single value.
    package var inputItems = 0
    /// Tokens written as numbers, which embeddings and completions accept instead of text.
    package var inputTokenIDs = 0
    /// Members of the image, audio and video objects in chat messages. Most objects have one.
    package var mediaParts = 0
    /// Images requested; 0 for other endpoints.
    package var images: Int64 = 0
    /// The duration of the audio in the first file, by its header or its size; nil without a file.
    package var estimatedAudioMilliseconds: Int64?

    /// Creates the counters of an unread body.
    package init() {}

    /// Characters of the text, as speech is billed.
    package var characters: Int64 { Int64(inputScalars) }

    /// Started minutes of the audio, at least 1.
    package var estimatedAudioMinutes: Int64 {
        max(1, (estimatedAudioMilliseconds ?? 0).ceilingQuotient(by: 60_000))
    }

    /// The approximate number of input tokens, by `TokenEstimate`.
    package var estimatedInputTokens: Int64 {
        tokens(of: TokenEstimate.tokens(ofScalars: inputScalars, utf8Bytes: inputBytes), TokenEstimate.tokensPerMedium)
    }

    /// A number of input tokens that is rarely exceeded; see `TokenEstimate.likelyMost`.
    package var likelyMostInputTokens: Int64 {
        tokens(of: TokenEstimate.likelyMost(utf8Bytes: inputBytes), TokenEstimate.tokensPerMedium)
    }

    /// A number of input tokens that cannot be exceeded.
    package var mostInputTokens: Int64 {
        tokens(of: TokenEstimate.most(utf8Bytes: inputBytes), TokenEstimate.mostTokensPerMedium)
    }

    private func tokens(of text: Int64, _ tokensPerMedium: Int64) -> Int64 {
        text + Int64(inputTokenIDs) + Int64(mediaParts) * tokensPerMedium
    }
}
