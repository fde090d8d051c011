/// What the gateway has to know of a request's body. No text of it is kept but the names in it.
package struct RequestMetadata: Sendable {
    /// The most bytes that a model's id may have.
    package static let modelLimit = 256
    /// The most choices or images that one request may ask for. Far beyond what any upstream makes; sums of such counts fit.
    package static let choicesLimit: Int64 = 1_000_000

    /// The model as the caller named it.
    package var model: String?
    /// Where the model stands in the body: the JSON string with its quotes, or the value of the multipart field.
    package var modelRange: Range<Int>?
    /// Whether the body is `multipart/form-data`; else it is JSON, or was not read.
    package var isMultipart = false
    /// Whether the answer is asked for as a stream.
    package var stream = false
    /// Whether the caller asked for the usage of a stream.
    package var includeUsage = false
    /// The most output tokens that the caller asks for in one choice: `max_completion_tokens`, else `max_tokens`.
    package var maxOutputTokens: Int64?
    /// How many answers are asked for (`n`), at least 1.
    package var choices: Int64 = 1
    /// How many times `maxOutputTokens` the model may write: once for each choice of each prompt, or for each of a completion's
    /// `best_of`.
    package var generations: Int64 = 1
    /// Whom the body's `user` names, cleaned; nil where it is longer than `RequestScanner.captureLimit` bytes.
    package var user: String?
    /// What of it is counted.
    package var amounts = RequestCounters()
    /// `response_format` where it is a string, as transcriptions have it (`json`, `text`, `verbose_json`…).
    package var responseFormat: String?
    /// The file that a batch is made of.
    package var inputFileID: String?
    /// Bytes of the files in the body.
    package var fileBytes = 0

    /// Where a bound of the output would be written.
    var outputBoundPlace = OutputBoundPlace.none
    /// Where a stream's usage would be asked for.
    var streamOptions = StreamOptions.none

    /// Of a body of which nothing is known.
    package init() {}

    /// Where `max_tokens` can be written into a body that names no bound.
    enum OutputBoundPlace: Sendable, Equatable {
        /// The body is no JSON object, or says itself how much it wants.
        case none
        /// Here, with a comma behind it unless the object `isEmpty`.
        case absent(insertAt: Int, isEmpty: Bool)
        /// In the place of this `null`.
        case null(Range<Int>)
    }

    /// Whether a bound of the output can be written into the body.
    package var canBeBounded: Bool { outputBoundPlace != .none }

    /// What `stream_options` is, and where.
    enum StreamOptions: Sendable, Equatable {
        /// The body is no JSON object.
        case none
        /// Not there: a member can be inserted here, with a comma behind it unless the object `isEmpty`.
        case absent(insertAt: Int, isEmpty: Bool)
        /// `null`, here.
        case null(Range<Int>)
        /// An object without `include_usage`, whose content begins here.
        case object(insertAt: Int, isEmpty: Bool)
        /// An object whose `include_usage` has its value here.
        case member(Range<Int>)
    }
}

/// What of a request is counted: numbers alone, which are had for each event of a stream and cost nothing to copy.
package struct RequestCounters: Sendable {
    /// Unicode scalars of the text that the model is to read: messages, tools, prompt, input, query and documents.
    package var inputScalars = 0
    /// The same text in bytes of UTF-8.
    package var inputBytes = 0
    /// Inputs of an embedding or completion, or documents to rank; 1 where there is one that is no list.
    package var inputItems = 0
    /// Tokens that stand in the body as numbers, which embeddings and completions take in the place of text.
    package var inputTokenIDs = 0
    /// Images, sounds and films within chat messages, about: the members of their objects are counted, of which most
    /// have one.
    package var mediaParts = 0
    /// How many images are asked for; 0 for other endpoints.
    package var images: Int64 = 0
    /// How long the sound in the first file is, by its own header or by its size; nil without a file.
    package var estimatedAudioMilliseconds: Int64?

    /// Of a body of which nothing is known.
    package init() {}

    /// How long the sound is in started minutes, which are what is billed; 1 where nothing is known.
    package var estimatedAudioMinutes: Int64 { max(1, ((estimatedAudioMilliseconds ?? 0) + 59_999) / 60_000) }

    /// About how many tokens the model has to read, by `TokenEstimate`.
    package var estimatedInputTokens: Int64 {
        TokenEstimate.tokens(ofScalars: inputScalars, utf8Bytes: inputBytes) + Int64(inputTokenIDs)
            + Int64(mediaParts) * TokenEstimate.tokensPerMedium
    }

    /// The tokens that the model will hardly have to read more of; see `TokenEstimate.likelyMost`.
    package var likelyMostInputTokens: Int64 {
        TokenEstimate.likelyMost(utf8Bytes: inputBytes) + Int64(inputTokenIDs)
            + Int64(mediaParts) * TokenEstimate.tokensPerMedium
    }

    /// The tokens that the model cannot have to read more of.
    package var mostInputTokens: Int64 {
        TokenEstimate.most(utf8Bytes: inputBytes) + Int64(inputTokenIDs)
            + Int64(mediaParts) * TokenEstimate.mostTokensPerMedium
    }
}
