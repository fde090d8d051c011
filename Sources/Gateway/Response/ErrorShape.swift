import HTTP1
import MessagesAPI
import OpenAIAPI
import Policy

/// The shape of the gateway's own errors: Anthropic's on the paths of its API, OpenAI's everywhere else.
enum ErrorShape {
    case openAI, anthropic

    /// The shape for the client that sent `head`.
    init(_ head: RequestHead) {
        self = head.fields.withSpan(head.path) { Dialect(path: $0) } == .messages ? .anthropic : .openAI
    }

    /// The body of a response. `id` is that of the request.
    func body(_ error: APIError, id: RequestID) -> [UInt8] {
        switch self {
        case .openAI: error.body()
        case .anthropic: MessagesError.body(error, requestID: id.description)
        }
    }

    /// The event that ends a stream.
    func event(_ error: APIError, id: RequestID) -> [UInt8] {
        switch self {
        case .openAI: error.event()
        case .anthropic: MessagesError.event(error, requestID: id.description)
        }
    }
}
