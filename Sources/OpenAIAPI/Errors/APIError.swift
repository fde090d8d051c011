import Bytes

/// An error that the gateway responds with, in the shape of the OpenAI API.
///
/// The message says what is wrong, and what to do. It contains no prompt, no response and no key. Errors are created by
/// the factories in the extensions of this type only.
package struct APIError: Error, Equatable, Sendable {
    /// The HTTP status, 400 to 599.
    package let status: Int
    /// `error.type`: the family of errors that clients may branch on.
    package let type: String
    /// `error.code`: the exact error. Codes are stable.
    package let code: String
    /// `error.param`: the member or field of the request at fault.
    package let param: String?
    /// `error.message`, for humans.
    package let message: String
    /// `x-should-retry`, which overrides the SDKs' decision by status; nil leaves the decision to them.
    package let shouldRetry: Bool?
    /// Milliseconds from now until a retry can succeed; nil if unknown.
    package let retryAfterMilliseconds: Int64?
    /// The `allow` header of a 405.
    package let allow: String?

    init(
        _ status: Int, _ type: String, code: String, param: String? = nil, _ message: String, shouldRetry: Bool? = nil,
        retryAfterMilliseconds: Int64? = nil, allow: String? = nil
    ) {
        self.status = status
        self.type = type
        self.code = code
        self.param = param
        self.message = message
        self.shouldRetry = shouldRetry
        self.retryAfterMilliseconds = retryAfterMilliseconds
        self.allow = allow
    }

    /// `retry-after`: whole seconds, rounded up, for clients that do not know `retry-after-ms`.
    package var retryAfterSeconds: Int64? { retryAfterMilliseconds?.ceilingQuotient(by: 1000) }

    /// The header fields that belong to the error: `allow`, `retry-after`, `retry-after-ms`, `x-should-retry`,
    /// `www-authenticate` and those of an upgrade, as far as they apply.
    package var headerFields: [(name: StaticString, value: String)] {
        var fields: [(name: StaticString, value: String)] = []
        if let allow { fields.append(("allow", allow)) }
        if let retryAfterSeconds { fields.append(("retry-after", String(retryAfterSeconds))) }
        if status == 429, let retryAfterMilliseconds {
            fields.append(("retry-after-ms", String(retryAfterMilliseconds)))
        }
        if let shouldRetry { fields.append(("x-should-retry", shouldRetry ? "true" : "false")) }
        if status == 401 { fields.append(("www-authenticate", "Bearer")) }
        if status == 426 {
            fields += [("connection", "upgrade"), ("upgrade", "websocket"), ("sec-websocket-version", "13")]
        }
        return fields
    }

    /// The body of the response: `{"error":{"message":…,"type":…,"param":…,"code":…}}`, in ASCII.
    package func body() -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(message.utf8.count + 128)
        appendObject(to: &output)
        return output
    }

    /// The same object as a server-sent event, for failures during a stream. OpenAI's SDKs raise a `data` line with
    /// `error`.
    package func event() -> [UInt8] {
        var output: [UInt8] = []
        output.append("data: ")
        appendObject(to: &output)
        output.append("\n\n")
        return output
    }

    private func appendObject(to output: inout [UInt8]) {
        output.append(#"{"error":{"message":"#)
        JSONString.append(message, to: &output)
        output.append(#","type":"#)
        JSONString.append(type, to: &output)
        output.append(#","param":"#)
        JSONString.append(orNull: param, to: &output)
        output.append(#","code":"#)
        JSONString.append(code, to: &output)
        output.append("}}")
    }

    /// A name that the client chose, cut to 128 characters for a message.
    static func shown(_ name: String) -> String {
        let limit = 128
        let scalars = name.unicodeScalars
        guard let end = scalars.index(scalars.startIndex, offsetBy: limit, limitedBy: scalars.endIndex),
            end != scalars.endIndex
        else { return name }
        return String(scalars[..<end]) + "…"
    }
}
