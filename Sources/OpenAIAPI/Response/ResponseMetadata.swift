/// Metadata extracted from a response as it passes. Contains no text of it except names.
package struct ResponseMetadata: Equatable, Sendable {
    /// The `id` of the response itself, never of a model, file or other resource: visible ASCII of at most 256 bytes, fit for a
    /// header.
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

    /// Adds the metadata of an event to those of the stream before it. What the stream has named once stays.
    mutating func add(event: ResponseMetadata) {
        id = id ?? event.id
        backend = backend ?? event.backend
        model = model ?? event.model
        isError = isError || event.isError
        counters.hasUnreadUsage = counters.hasUnreadUsage || event.counters.hasUnreadUsage
        counters.add(
            usage: event.counters.usage, images: event.counters.images, scalars: event.counters.contentScalars,
            utf8Bytes: event.counters.contentBytes)
    }
}
