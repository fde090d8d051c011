/// The quantities that a response is billed by.
package enum Billing: Sendable, CaseIterable {
    /// Input and output tokens.
    case textTokens
    /// Input tokens only.
    case inputTokens
    /// Input tokens, and Cohere's search units as far as they are stated.
    case rerank
    /// Started minutes of the audio in the request.
    case audioMinutes
    /// Characters of the text in the request.
    case characters
    /// Images in the response.
    case images
    /// Started minutes of the connection, also for reading methods: a WebSocket begins with GET.
    case connectionMinutes
    /// Tokens, as for text: the endpoint is unknown. Requests that only read use none.
    case unknown
    /// Nothing.
    case free
}
