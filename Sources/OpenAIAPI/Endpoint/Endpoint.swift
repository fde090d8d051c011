/// What a request is for, by its path.
///
/// The raw value is the path below `/v1/`: so it stands in the tiers' endpoint lists and in the ledger.
package enum Endpoint: String, CaseIterable, Sendable {
    /// `POST /v1/chat/completions`
    case chatCompletions = "chat/completions"
    /// `POST /v1/completions`, with a `prompt` or with `messages`.
    case completions
    /// `POST /v1/embeddings`
    case embeddings
    /// `POST /v1/rerank` and `POST /v2/rerank` (Cohere's).
    case rerank
    /// `POST /v1/audio/transcriptions`
    case transcriptions = "audio/transcriptions"
    /// `POST /v1/audio/translations`
    case translations = "audio/translations"
    /// `POST /v1/audio/speech`
    case speech = "audio/speech"
    /// `POST /v1/images/generations`
    case images = "images/generations"
    /// `GET /v1/models` and `GET /v1/models/{id}`.
    case models
    /// `/v1/files` and below.
    case files
    /// `/v1/batches` and below.
    case batches
    /// `/v1/realtime` and below.
    case realtime
    /// Any other path below `/v1/`, forwarded as it is.
    case other

    /// Its place in `allCases`.
    package var ordinal: Int {
        switch self {
        case .chatCompletions: 0
        case .completions: 1
        case .embeddings: 2
        case .rerank: 3
        case .transcriptions: 4
        case .translations: 5
        case .speech: 6
        case .images: 7
        case .models: 8
        case .files: 9
        case .batches: 10
        case .realtime: 11
        case .other: 12
        }
    }

    /// How a request's body is read.
    package enum BodyKind: Sendable {
        /// One JSON object.
        case json
        /// `multipart/form-data`; JSON where the content type says so.
        case multipart
        /// JSON where the content type says so, for the sake of its `model`; else forwarded unread.
        case jsonWhereSaid
        /// Forwarded unread.
        case opaque
    }

    /// Whether a request without a `model` is refused. Transcription clients may leave it out.
    package var needsModel: Bool {
        switch self {
        case .chatCompletions, .completions, .embeddings, .rerank, .speech, .images: true
        case .transcriptions, .translations, .models, .files, .batches, .realtime, .other: false
        }
    }

    /// How a request's body is read.
    package var bodyKind: BodyKind {
        switch self {
        case .chatCompletions, .completions, .embeddings, .rerank, .speech, .images, .batches: .json
        case .transcriptions, .translations, .files: .multipart
        case .other: .jsonWhereSaid
        case .models, .realtime: .opaque
        }
    }

    /// Whether the request carries a file, so that the larger limit of uploads applies to its body.
    package var takesUploads: Bool { bodyKind == .multipart }

    /// Whether a stream of it states its usage where `stream_options.include_usage` asks for it.
    package var streamsUsage: Bool { self == .chatCompletions || self == .completions }

    /// Whether its answers are text that a model writes, within the bound that `max_tokens` states.
    package var writesText: Bool { self == .chatCompletions || self == .completions }

    /// Whether a request's file is a sound, which is billed by its duration.
    var readsSound: Bool { self == .transcriptions || self == .translations }

    /// Whether a request may have no body at all: some requests of the endpoint have none (`POST /v1/batches/{id}/cancel`).
    var mayHaveNoBody: Bool { self == .files || self == .batches || self == .other }
}
