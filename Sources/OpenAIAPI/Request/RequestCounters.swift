import Bytes

/// The quantities of a request that are billed or limited. Integers only, so a copy costs nothing.
///
/// Estimates count the text that the model is known to read. Bounds count by exclusion: every byte of the body but those of
/// recognised media.
package struct RequestCounters: Sendable, Equatable {
    /// Bytes of the whole body; 0 for endpoints that are not billed.
    package var bodyBytes = 0
    /// Bytes of the body that hold images, sounds and videos.
    package var mediaBytes = 0
    /// Those of `mediaBytes` that hold sounds and videos.
    package var timedMediaBytes = 0
    /// Bytes of text that the model reads beyond its first time: a query, with each further document.
    package var repeatedBytes: Int64 = 0
    /// Unicode scalars of the text that the model reads: messages, tools, prompt, input, query and documents.
    package var inputScalars = 0
    /// Bytes of the same text in UTF-8.
    package var inputBytes = 0
    /// Inputs of an embedding or completion, or documents to rank; 1 for a single value.
    package var inputItems = 0
    /// Tokens written as numbers, which embeddings and completions accept instead of text.
    package var inputTokenIDs = 0
    /// Strings in the image, audio, video and document parts of the input. Most parts have one.
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
        let text = TokenEstimate.tokens(ofScalars: inputScalars, utf8Bytes: inputBytes)
        return text + Int64(inputTokenIDs) + Int64(mediaParts) * TokenEstimate.tokensPerMedium
    }

    /// A number of input tokens that is rarely exceeded; see `TokenEstimate.likelyMost`.
    package var likelyMostInputTokens: Int64 {
        let text = TokenEstimate.likelyMost(utf8Bytes: bytesBesideMedia).addingSaturated(repeatedBytes / 2)
        let media = Int64(timedMediaBytes) / TokenEstimate.likelyBytesPerTimedToken
        return text.addingSaturated(media + Int64(mediaParts) * TokenEstimate.tokensPerMedium)
    }

    /// A number of input tokens that cannot be exceeded: at least one for each byte that is no medium.
    package var mostInputTokens: Int64 {
        let text = TokenEstimate.most(utf8Bytes: bytesBesideMedia).addingSaturated(repeatedBytes)
        let media = Int64(timedMediaBytes) / TokenEstimate.leastBytesPerTimedToken
        return text.addingSaturated(media + Int64(mediaParts) * TokenEstimate.mostTokensPerMedium)
    }

    /// Bytes of the body that could each be an input token: `mostInputTokens` has a token for each, and others.
    package var textBytes: Int64 { Int64(bytesBesideMedia).addingSaturated(repeatedBytes) }

    /// True where all of the input is text.
    package var isText: Bool { mediaParts == 0 && timedMediaBytes == 0 && inputTokenIDs == 0 }

    private var bytesBesideMedia: Int { max(0, bodyBytes - mediaBytes) }
}
