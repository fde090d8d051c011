import Bytes
import Scanners

/// An error as the upstream states it, in the forms that servers use, or the gateway's own.
package struct UpstreamError: Equatable, Sendable {
    package let message: String
    /// `error.type`, where there is one.
    package let type: String?
    /// `error.code`, if it is a string.
    package let code: String?
    /// The HTTP status: the response's, or the one that `error.code` has in a stream.
    package let status: Int?
    /// The error is written as the OpenAI API writes its errors.
    private let hasShape: Bool

    /// The gateway's own error.
    package init(_ error: APIError) {
        message = error.message
        type = error.type
        code = error.code
        status = error.status
        hasShape = true
    }

    /// The error in a body or an event: `{"error": {…}}`, `{"error": "…"}`, or `{"message": …}` with an `object` of `error`.
    init(_ root: JSONValue, status: Int?) {
        let error = root["error"] ?? root
        message = error.string ?? error["message"]?.string ?? "The service behind the gateway reported an error."
        type = error["type"]?.string
        let code = error["code"]
        self.code = code?.string.flatMap { $0.isEmpty ? nil : $0 }
        self.status = status ?? code?.integer.flatMap { Int(exactly: $0) }
        hasShape = root["error"]?["message"]?.kind == .string
    }

    /// The error in the `body` of a response; its text as it is if that is no JSON object.
    package init(body: [UInt8], status: Int) {
        let document = JSONDocument()
        var scanner = JSONScanner(JSONPathSet([]), acceptsNonFinite: true)
        do throws(JSONError) { try document.read(body, with: &scanner) } catch {}
        if let root = document.root, root.kind == .object {
            self.init(root, status: status)
        } else {
            self.init(text: body, status: status)
        }
    }

    private init(text: [UInt8], status: Int) {
        let shown = String(decoding: text.prefix(1024), as: UTF8.self)
        message = shown.isEmpty ? "The service behind the gateway responded with status \(status)." : shown
        type = nil
        code = nil
        self.status = status
        hasShape = false
    }

    /// The request has more tokens than the model's context: agents compact their conversation then.
    package var isContextOverflow: Bool {
        if code == "context_length_exceeded" { return true }
        guard type != "rate_limit_error", status.map({ $0 == 400 || $0 == 413 }) ?? true else { return false }
        let text = message.lowercased()
        return ["maximum context length", "context length", "context window", "prompt is too long"].contains {
            text.contains($0)
        }
    }
}

extension UpstreamError {
    /// The `body` of a response with this error in the shape of the OpenAI API: as it is, unless it lacks the shape, or the code that
    /// agents look for.
    package func body(for body: [UInt8]) -> [UInt8] {
        if hasShape, !isContextOverflow || code == "context_length_exceeded" { return body }
        var output: [UInt8] = []
        output.append(#"{"error":{"message":"#)
        JSONString.append(message, to: &output)
        output.append(#","type":"#)
        JSONString.append(type ?? ((status ?? 500) < 500 ? "invalid_request_error" : "server_error"), to: &output)
        output.append(#","param":null,"code":"#)
        JSONString.append(orNull: isContextOverflow ? "context_length_exceeded" : code, to: &output)
        output.append("}}")
        return output
    }
}
