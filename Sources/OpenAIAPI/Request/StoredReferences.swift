/// The part of a request that is about what the upstream stores: whether it keeps the response, and what the request goes on from. An
/// object, since few requests have it.
package final class StoredReferences: Sendable, Equatable {
    /// The upstream keeps the response, unless the client says `store: false`.
    package let isStored: Bool
    /// The upstream makes the response after its own, whatever becomes of the request (`background`).
    package let isBackground: Bool
    /// The id of the response that the request goes on from.
    package let responseID: String?
    /// The id of the conversation that the request belongs to.
    package let conversationID: String?

    init(isStored: Bool, isBackground: Bool, responseID: String?, conversationID: String?) {
        self.isStored = isStored
        self.isBackground = isBackground
        self.responseID = responseID
        self.conversationID = conversationID
    }

    package static func == (left: StoredReferences, right: StoredReferences) -> Bool {
        left.isStored == right.isStored && left.isBackground == right.isBackground
            && left.responseID == right.responseID && left.conversationID == right.conversationID
    }
}
