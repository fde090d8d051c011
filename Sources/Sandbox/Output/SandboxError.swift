/// An error response in the words of the upstream.
struct SandboxError: Error, Sendable {
    var status: Int
    var type: String
    var code: String?
    var param: String?
    var message: String
    /// The value of the header `allow`.
    var allow: String?
    /// The value of the header `upgrade`.
    var upgrade: String?
    /// The behaviour that the model's name requests.
    var behaviour = Behaviour.standard

    /// Appends the object of error bodies and error events.
    func appendObject(to json: inout JSONOutput) {
        json.raw(#"{"error":{"message":"#)
        json.string(message)
        json.raw(#","type":"#)
        json.string(type)
        json.raw(#","param":"#)
        json.stringOrNull(param)
        json.raw(#","code":"#)
        json.stringOrNull(code)
        json.raw("}}")
    }

    static func invalid(_ message: String, param: String? = nil, code: String? = nil) -> SandboxError {
        SandboxError(status: 400, type: "invalid_request_error", code: code, param: param, message: message)
    }

    static func missing(_ param: String) -> SandboxError {
        invalid("Missing required parameter: '\(param)'.", param: param)
    }

    static let unauthorized = SandboxError(
        status: 401, type: "authentication_error", message: "Invalid API key provided")

    static func unknownModel(_ name: String) -> SandboxError {
        SandboxError(
            status: 404, type: "invalid_request_error", code: "model_not_found", param: "model",
            message: "Model '\(name.prefix(128))' does not exist")
    }

    static func notFound(_ message: String) -> SandboxError {
        SandboxError(status: 404, type: "invalid_request_error", message: message)
    }

    static func methodNotAllowed(_ allow: String) -> SandboxError {
        SandboxError(
            status: 405, type: "invalid_request_error", code: "method_not_allowed", message: "Use \(allow).",
            allow: allow)
    }

    /// The error of `fault=status-NNN`. `status` is from 400 to 599.
    static func requested(_ status: Int) -> SandboxError {
        switch status {
        case 400: invalid("Invalid parameter 'temperature': must be between 0 and 2", param: "temperature")
        case 401: unauthorized
        case 429:
            SandboxError(
                status: 429, type: "rate_limit_error", code: "rate_limit_exceeded",
                message: "Rate limit exceeded. Please upgrade your tier or try again later.")
        case 503:
            SandboxError(
                status: 503, type: "service_unavailable_error", message: "Service temporarily unavailable")
        case 500...599:
            SandboxError(status: status, type: "server_error", message: "Internal server error")
        default: SandboxError(status: status, type: "invalid_request_error", message: "Refused as requested")
        }
    }
}
