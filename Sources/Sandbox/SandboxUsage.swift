/// Who pays for what: an account's key, a model, and whether in a batch.
package struct SandboxPayer: Hashable, Sendable {
    /// The header `authorization` as it came.
    package var authorization: String
    /// The model as the request named it.
    package var model: String
    /// Whether the request was a line of a batch, which costs half.
    package var isBatch = false

    /// A payer of single requests, or of a batch's.
    package init(authorization: String, model: String, isBatch: Bool = false) {
        self.authorization = authorization
        self.model = model
        self.isBatch = isBatch
    }
}

/// What was billed. An answer that a fault breaks off is billed as far as it was sent, if it is a stream, and in full, if it is
/// not; one whose head never comes is not billed.
package struct SandboxUsage: Equatable, Sendable {
    /// Requests that were answered with what they asked for.
    package var requests = 0
    /// Tokens of input; of a rerank those of the query and of all documents.
    package var promptTokens = 0
    /// Tokens of output, reasoning included.
    package var completionTokens = 0
    /// Tokens of reasoning.
    package var reasoningTokens = 0
    /// Units of a rerank: hundred documents, begun ones in full.
    package var searchUnits = 0
    /// Length of transcribed audio.
    package var audioMilliseconds = 0
    /// Characters (Unicode scalars) that were spoken.
    package var characters = 0
    /// Images that were made.
    package var images = 0

    /// Nothing.
    package init() {}

    /// Both together.
    package static func + (left: SandboxUsage, right: SandboxUsage) -> SandboxUsage {
        var sum = left
        sum.requests += right.requests
        sum.promptTokens += right.promptTokens
        sum.completionTokens += right.completionTokens
        sum.reasoningTokens += right.reasoningTokens
        sum.searchUnits += right.searchUnits
        sum.audioMilliseconds += right.audioMilliseconds
        sum.characters += right.characters
        sum.images += right.images
        return sum
    }
}

extension SandboxUpstream {
    /// `GET /sandbox/usage`: what was billed since the start, a row for each model, for those who compare their own counts with it.
    func showUsage(_ call: Call) throws(SandboxRefusal) -> SandboxAnswer {
        let rows = totals.sorted { ($0.key.model, $0.key.isBatch ? 1 : 0) < ($1.key.model, $1.key.isBatch ? 1 : 0) }
            .map { payer, usage in
                let counts: [(String, Int)] = [
                    ("requests", usage.requests), ("prompt_tokens", usage.promptTokens),
                    ("completion_tokens", usage.completionTokens), ("reasoning_tokens", usage.reasoningTokens),
                    ("search_units", usage.searchUnits), ("audio_milliseconds", usage.audioMilliseconds),
                    ("characters", usage.characters), ("images", usage.images),
                ]
                return JSONValue.object(
                    [("model", .string(payer.model)), ("is_batch", .bool(payer.isBatch))]
                        + counts.map { ($0.0, .number(String($0.1))) })
            }
        return deliver(.object([("object", .string("list")), ("data", .array(rows))]), call)
    }
}
