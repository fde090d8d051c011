/// The payer of a usage: an account's key, a model, and single requests or batches.
package struct SandboxPayer: Hashable, Sendable {
    /// The header `authorization`.
    package var authorization: String
    /// The model, as the request names it.
    package var model: String
    /// True for lines of a batch, which cost half.
    package var isBatch = false

    package init(authorization: String, model: String, isBatch: Bool = false) {
        self.authorization = authorization
        self.model = model
        self.isBatch = isBatch
    }
}

/// Billed units.
///
/// A response that a fault breaks off is billed in full, or as far as it was sent if it is a stream. A response whose head is never
/// sent is not billed.
package struct SandboxUsage: Equatable, Sendable {
    /// Requests without an error.
    package var requests = 0
    /// Tokens of input. Those of a rerank are of the query and of all documents.
    package var promptTokens = 0
    /// Tokens of output, with reasoning.
    package var completionTokens = 0
    package var reasoningTokens = 0
    /// The part of `promptTokens` that was read from a cache, as far as it is stated.
    package var cachedTokens = 0
    /// Hundreds of documents of a rerank, rounded up.
    package var searchUnits = 0
    /// Milliseconds of transcribed audio.
    package var audioMilliseconds = 0
    /// Unicode scalars of spoken text.
    package var characters = 0
    package var images = 0

    package init() {}

    private static let members: [any WritableKeyPath<SandboxUsage, Int> & Sendable] = [
        \.requests, \.promptTokens, \.completionTokens, \.reasoningTokens, \.cachedTokens, \.searchUnits,
        \.audioMilliseconds,
        \.characters, \.images,
    ]

    /// The sum, saturated.
    package static func + (left: SandboxUsage, right: SandboxUsage) -> SandboxUsage {
        var sum = left
        for member in members {
            let (value, overflows) = sum[keyPath: member].addingReportingOverflow(right[keyPath: member])
            sum[keyPath: member] = overflows ? .max : value
        }
        return sum
    }
}
