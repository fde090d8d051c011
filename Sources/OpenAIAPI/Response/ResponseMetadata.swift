/// Metadata extracted from a response as it passes. Contains no text of it except names.
package struct ResponseMetadata: Equatable, Sendable {
    /// The upstream's `id`: visible ASCII of at most 256 bytes, fit for a header.
    package var id: String?
    /// The `backend` object as compact JSON in ASCII of at most `backendLimit` bytes, fit for a header.
    package var backend: String?
    /// The maximum length of `backend`; a longer one is left out.
    package static let backendLimit = 512
    /// The model that the response names.
    package var model: String?
    /// The quantities of the response that are billed.
    package var counters = ResponseCounters()
    /// The response, or one of its events, is an error.
    package var isError = false

    /// Creates the metadata of an unread response.
    package init() {}

    /// Both members are known that the gateway copies into the head.
    var hasIdentity: Bool { id != nil && backend != nil }
}
