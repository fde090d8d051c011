/// Format of the `x-ratelimit-reset-*` headers.
package enum ResetFormat: String, Sendable, CaseIterable {
    /// Seconds since 1970, as the upstream sends.
    case unix
    /// A duration such as `6m0s`, as OpenAI sends.
    case duration
}
