/// The quantities that a response is billed by.
package enum Billing: Sendable, CaseIterable {
    /// Input and output tokens.
    case textTokens
    /// Input tokens only.
    case inputTokens
    /// Cohere's search units as stated, and estimated input tokens.
    case rerank
    /// Started minutes of the audio in the request.
    case audioMinutes
    /// Characters of the text in the request.
    case characters
    /// Images in the response.
    case images
    /// Started minutes of the connection, also for reading methods: a WebSocket begins with GET.
    case connectionMinutes
    /// Tokens if the response states them, else nothing: the endpoint is unknown.
    case unknown
    /// Nothing.
    case free
}
