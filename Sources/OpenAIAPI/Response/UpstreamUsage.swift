/// The usage that a response states, in any of its forms. Numbers that are not stated are zero.
package struct UpstreamUsage: Equatable, Sendable {
    /// Tokens read by the model.
    package var promptTokens: Int64 = 0
    /// Tokens written by the model, including reasoning.
    package var completionTokens: Int64 = 0
    /// The part of `completionTokens` that was reasoning.
    package var reasoningTokens: Int64 = 0
    /// The part of `promptTokens` that was read from a cache.
    package var cachedTokens: Int64 = 0
    /// Cohere's billed search units.
    package var searchUnits: Int64?
    /// The duration of the transcribed audio in milliseconds, rounded up.
    package var audioMilliseconds: Int64?
    /// Everything that the endpoint is billed by was stated. If false, do not bill from these numbers.
    package var isStated = false

    /// Creates a usage without numbers.
    package init() {}

    /// The largest number that is accepted. Larger, negative and fractional numbers are treated as not stated.
    static let limit: Int64 = 1 << 40
}
