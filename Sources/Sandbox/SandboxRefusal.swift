/// An error answer in the upstream's words (`UPSTREAM.md`, "Rate-limit headers and errors").
struct SandboxRefusal: Error, Sendable {
    var status: Int
    var type: String
    var code: String?
    var param: String?
    var message: String
    var allow: String?
    var upgrade: String?
    /// What the model's name asked of the answer.
    var behaviour = Behaviour.standard

    /// The object that stands in bodies and in error events.
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

    static func invalid(_ message: String, param: String? = nil, code: String? = nil) -> SandboxRefusal {
        SandboxRefusal(status: 400, type: "invalid_request_error", code: code, param: param, message: message)
    }

    static func missing(_ param: String) -> SandboxRefusal {
        invalid("Missing required parameter: '\(param)'.", param: param)
    }

    static let unauthorized = SandboxRefusal(
        status: 401, type: "authentication_error", message: "Invalid API key provided")

    static func unknownModel(_ name: String) -> SandboxRefusal {
        SandboxRefusal(
            status: 404, type: "invalid_request_error", code: "model_not_found", param: "model",
            message: "Model '\(name.prefix(128))' does not exist")
    }

    static func notFound(_ message: String) -> SandboxRefusal {
        SandboxRefusal(status: 404, type: "invalid_request_error", message: message)
    }

    static func methodNotAllowed(_ allow: String) -> SandboxRefusal {
        SandboxRefusal(
            status: 405, type: "invalid_request_error", code: "method_not_allowed", message: "Use \(allow).",
            allow: allow)
    }

    /// What `fault=status-NNN` answers: `status` is 400...599.
    static func asked(_ status: Int) -> SandboxRefusal {
        switch status {
        case 400: invalid("Invalid parameter 'temperature': must be between 0 and 2", param: "temperature")
        case 401: unauthorized
        case 429:
            SandboxRefusal(
                status: 429, type: "rate_limit_error", code: "rate_limit_exceeded",
                message: "Rate limit exceeded. Please upgrade your tier or try again later.")
        case 503:
            SandboxRefusal(
                status: 503, type: "service_unavailable_error", message: "Service temporarily unavailable")
        case 500...599:
            SandboxRefusal(status: status, type: "server_error", message: "Internal server error")
        default: SandboxRefusal(status: status, type: "invalid_request_error", message: "Refused as asked")
        }
    }
}
