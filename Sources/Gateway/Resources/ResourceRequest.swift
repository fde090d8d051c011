import HTTP1
import HTTPClient
import OpenAIAPI
import Policy

/// The file, batch, stored response or conversation that a request is about.
final class ResourceRequest {
    let action: ResourceAction
    /// The kind of the resource.
    let kind: OwnedResource.Kind
    /// The resource that the request names, once it is known to be the client's.
    var object: OwnedResource?
    /// The lines of a new batch's input file.
    var lines: BatchLines?
    /// The hold of a new batch on the limits, until the batch is followed.
    var hold: LastingHold?
    /// The page of a list that the client asks for.
    var page: ListQuery?
    /// The query of a list that goes upstream in place of the client's.
    var query: [UInt8]?

    init(_ action: ResourceAction, kind: OwnedResource.Kind) {
        self.action = action
        self.kind = kind
    }

    /// True where the gateway itself has to read the response.
    var isRead: Bool {
        if case .content = action { false } else { true }
    }
}
