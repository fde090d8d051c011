import Bytes
import OpenAIAPI

/// Errors in the shape of Anthropic's API.
package enum MessagesError {
    /// The body of a response with the gateway's own error.
    ///
    /// - Parameter requestID: the gateway's id of the request.
    package static func body(_ error: APIError, requestID: String) -> [UInt8] {
        body(UpstreamError(error), requestID: requestID)
    }

    /// The body of a response with an error of the upstream: `{"type":"error","error":{"type","message"},"request_id"}`. A refused
    /// thread has `details` too, by which the SDKs tell it from other errors.
    package static func body(_ error: UpstreamError, requestID: String) -> [UInt8] {
        var output: [UInt8] = []
        output.append(#"{"type":"error""#)
        appendMembers(of: error, requestID: requestID, to: &output)
        output.append(ASCII.closingBrace)
        return output
    }

    /// The same as a server-sent event, for failures during a stream.
    package static func event(_ error: APIError, requestID: String) -> [UInt8] {
        var output: [UInt8] = []
        output.append("event: error\ndata: ")
        output += body(error, requestID: requestID)
        output.append("\n\n")
        return output
    }

    /// Appends the members after `type`, each with a comma before it.
    static func appendMembers(of error: UpstreamError, requestID: String, to output: inout [UInt8]) {
        output.append(#","error":{"type":""#)
        output.append(type(of: error))
        output.append(#"","message":"#)
        // Agents compact their conversation after a message that begins like this.
        let isOverflow = error.isContextOverflow && !error.message.hasPrefix("prompt is too long")
        JSONString.append(isOverflow ? "prompt is too long: \(error.message)" : error.message, to: &output)
        if error.code == APIError.unstoredThreadCode {
            output.append(#","details":{"error_code":""#)
            output += APIError.unstoredThreadCode.utf8
            output.append(#"","unsupported":["thread"]}"#)
        }
        output.append(#"},"request_id":"#)
        JSONString.append(requestID, to: &output)
    }

    /// The type by the status; by the upstream's type where a stream states no status.
    private static func type(of error: UpstreamError) -> StaticString {
        if error.isContextOverflow { return "invalid_request_error" }
        return switch error.status {
        case 401: "authentication_error"
        case 403: "permission_error"
        case 404: "not_found_error"
        case 413: "request_too_large"
        case 429: "rate_limit_error"
        case 503, 529: "overloaded_error"
        case let status? where (400..<500).contains(status): "invalid_request_error"
        case .some: "api_error"
        case nil: type(named: error.type)
        }
    }

    private static func type(named name: String?) -> StaticString {
        switch name {
        case "invalid_request_error", "BadRequestError": "invalid_request_error"
        case "authentication_error": "authentication_error"
        case "permission_error": "permission_error"
        case "rate_limit_error", "insufficient_quota": "rate_limit_error"
        case "service_unavailable_error", "overloaded_error": "overloaded_error"
        default: "api_error"
        }
    }
}
