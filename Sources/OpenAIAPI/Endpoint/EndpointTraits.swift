/// The purpose of a request, told by its path. Raw values count from 0 in the order of the cases.
package enum Endpoint: Int, CaseIterable, Sendable {
    case chatCompletions
    /// Takes a `prompt` or `messages`.
    case completions
    case embeddings
    /// Cohere's API, in both versions.
    case rerank
    case transcriptions
    case translations
    case speech
    /// Generates images; edits and variations are `other`.
    case images
    case models
    case files
    case batches
    case realtime
    /// OpenAI's Responses API.
    case responses
    /// Counts the input of a response that is not asked for.
    case inputTokens
    /// Responses that the upstream keeps, by their ids.
    case storedResponses
    /// Conversations that the upstream keeps for the Responses API.
    case conversations
    /// Anthropic's Messages API.
    case messages
    /// Counts the input of a message that is not sent.
    case tokenCounts
    /// Any other path below `/v1/`, forwarded as it is.
    case other
}

/// All facts of one endpoint. Routing, body reading, usage reading and billing derive from these rows.
///
/// To add an endpoint, add a case and a row here, and serve it in the sandbox.
struct EndpointTraits: Sendable {
    let endpoint: Endpoint
    /// The name in tiers, in the ledger and in metrics.
    let name: String
    let paths: [EndpointPath]
    let body: Endpoint.BodyKind
    /// Accepts requests without a body, for example `POST /v1/batches/{id}/cancel`.
    var mayHaveNoBody = false
    let model: ModelSource
    let billing: Billing
    /// Allows one repetition of a request with an idempotent method (RFC 9110, section 9.2.2).
    var repeatsIdempotentMethods = true
    var resource: ResourceKind?
    /// Keeps responses at the upstream, which later requests name.
    var keepsResponses = false
    /// The API that the endpoint belongs to, where that is not OpenAI's of chat completions.
    var dialect: Dialect?
    var request = RequestLayout()
    var response = ResponseLayout()
}

extension EndpointTraits {
    /// One row an endpoint, in the order of the cases.
    static let table: [EndpointTraits] = [
        EndpointTraits(
            endpoint: .chatCompletions, name: "chat/completions",
            paths: [EndpointPath("/v1/chat/completions", .post)],
            body: .json, model: .requiredMember, billing: .textTokens,
            request: RequestLayout(texts: ["messages", "tools", "functions"], media: RequestLayout.messageMedia),
            response: .generation),
        EndpointTraits(
            endpoint: .completions, name: "completions",
            paths: [EndpointPath("/v1/completions", .post)],
            body: .json, model: .requiredMember, billing: .textTokens,
            request: RequestLayout(
                texts: ["prompt", "messages"], media: RequestLayout.messageMedia, items: "prompt",
                outputBounds: ["max_tokens"], attempts: "best_of"),
            response: .generation),
        EndpointTraits(
            endpoint: .embeddings, name: "embeddings",
            paths: [EndpointPath("/v1/embeddings", .post)],
            body: .json, model: .requiredMember, billing: .inputTokens,
            request: RequestLayout(texts: ["input"], items: "input"),
            response: ResponseLayout(hasOwnID: true, usage: .inputTokens)),
        EndpointTraits(
            endpoint: .rerank, name: "rerank",
            paths: [
                EndpointPath("/v1/rerank", .post), EndpointPath("/v2/rerank", .post),
                // Cohere's clients append their own version to the base URL.
                EndpointPath("/v1/v2/rerank", .post, upstreamFrom: 3),
            ],
            body: .json, model: .requiredMember, billing: .rerank,
            request: RequestLayout(texts: ["query", "documents"], repeatedText: "query", items: "documents"),
            response: ResponseLayout(hasOwnID: true, usage: .rerank)),
        EndpointTraits(
            endpoint: .transcriptions, name: "audio/transcriptions",
            paths: [EndpointPath("/v1/audio/transcriptions", .post)],
            body: .multipart, model: .optionalMember, billing: .audioMinutes,
            response: ResponseLayout(hasOwnID: true, texts: ["text"], usage: .audio)),
        EndpointTraits(
            endpoint: .translations, name: "audio/translations",
            paths: [EndpointPath("/v1/audio/translations", .post)],
            body: .multipart, model: .optionalMember, billing: .audioMinutes,
            response: ResponseLayout(hasOwnID: true, texts: ["text"], usage: .audio)),
        EndpointTraits(
            endpoint: .speech, name: "audio/speech",
            paths: [EndpointPath("/v1/audio/speech", .post)],
            body: .json, model: .requiredMember, billing: .characters,
            request: RequestLayout(texts: ["input"])),
        EndpointTraits(
            endpoint: .images, name: "images/generations",
            paths: [EndpointPath("/v1/images/generations", .post)],
            body: .json, model: .requiredMember, billing: .images,
            request: RequestLayout(texts: ["prompt"]),
            response: ResponseLayout(hasOwnID: true, images: "data", usage: .inputTokens)),
        EndpointTraits(
            endpoint: .models, name: "models",
            paths: [EndpointPath("/v1/models", .read), EndpointPath("/v1/models/{model}", .read)],
            body: .opaque, model: .path, billing: .free),
        EndpointTraits(
            endpoint: .files, name: "files",
            paths: [
                EndpointPath("/v1/files", [.read, .post]),
                EndpointPath("/v1/files/{id}", [.read, .delete]),
                EndpointPath("/v1/files/{id}/content", .read),
            ],
            body: .multipart, mayHaveNoBody: true, model: .path, billing: .free, resource: .file),
        EndpointTraits(
            endpoint: .batches, name: "batches",
            paths: [
                EndpointPath("/v1/batches", [.read, .post]),
                EndpointPath("/v1/batches/{id}", .read),
                EndpointPath("/v1/batches/{id}/cancel", .post),
            ],
            body: .json, mayHaveNoBody: true, model: .lines, billing: .free, resource: .batch,
            request: RequestLayout(inputFile: "input_file_id", batchEndpoint: "endpoint")),
        EndpointTraits(
            endpoint: .realtime, name: "realtime",
            paths: [
                EndpointPath("/v1/realtime", .read, webSocket: .required),
                EndpointPath("/v1/realtime/{rest}", .any, webSocket: .optional),
            ],
            body: .opaque, model: .query, billing: .connectionMinutes, repeatsIdempotentMethods: false),
        EndpointTraits(
            endpoint: .responses, name: "responses",
            paths: [EndpointPath("/v1/responses", .post)],
            body: .json, model: .requiredMember, billing: .textTokens, keepsResponses: true, dialect: .responses,
            request: .responses, response: .responses),
        EndpointTraits(
            endpoint: .inputTokens, name: "responses/input_tokens",
            paths: [EndpointPath("/v1/responses/input_tokens", .post)],
            body: .json, model: .requiredMember, billing: .free, dialect: .responses,
            request: RequestLayout(namesStored: true)),
        EndpointTraits(
            endpoint: .storedResponses, name: "responses/{id}",
            paths: [
                EndpointPath("/v1/responses/{id}", [.read, .delete]),
                EndpointPath("/v1/responses/{id}/cancel", .post),
                EndpointPath("/v1/responses/{id}/input_items", .read),
            ],
            body: .opaque, mayHaveNoBody: true, model: .path, billing: .free, resource: .response),
        EndpointTraits(
            endpoint: .conversations, name: "conversations",
            paths: [
                EndpointPath("/v1/conversations", .post),
                EndpointPath("/v1/conversations/{id}", [.read, .post, .delete]),
                EndpointPath("/v1/conversations/{id}/items", [.read, .post]),
                EndpointPath("/v1/conversations/{id}/items/{id}", [.read, .delete]),
            ],
            body: .opaque, mayHaveNoBody: true, model: .path, billing: .free, resource: .conversation),
        EndpointTraits(
            endpoint: .messages, name: "messages",
            paths: [EndpointPath("/v1/messages", .post)],
            body: .json, model: .requiredMember, billing: .textTokens, dialect: .messages, request: .messages,
            response: .messages),
        EndpointTraits(
            endpoint: .tokenCounts, name: "messages/count_tokens",
            paths: [EndpointPath("/v1/messages/count_tokens", .post)],
            body: .json, model: .requiredMember, billing: .free, dialect: .messages),
        EndpointTraits(
            endpoint: .other, name: "other",
            // `compact` is no id of a stored response.
            paths: [EndpointPath("/v1/{rest}", .any), EndpointPath("/v1/responses/compact", .any)],
            body: .jsonWhereDeclared, mayHaveNoBody: true, model: .unseen, billing: .unknown,
            request: RequestLayout(texts: [""], media: RequestLayout.messageMedia, outputBounds: []),
            response: ResponseLayout(texts: [""])),
    ]
}
