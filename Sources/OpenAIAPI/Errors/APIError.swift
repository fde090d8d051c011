import Bytes

/// An error that the gateway itself answers with, in the shape of the OpenAI API: a status, and an object that says what is
/// wrong, why, and what to do.
///
/// Errors are made by the factories in `APIError+Request.swift`, `APIError+Access.swift`, `APIError+Limits.swift` and
/// `APIError+Upstream.swift`, one for each row of the table in `INTERFACE.md`. No message holds a prompt, an answer or a key.
package struct APIError: Error, Equatable, Sendable {
    /// The HTTP status, 400 to 599.
    package let status: Int
    /// `error.type`: the family of errors, on which clients may branch.
    package let type: String
    /// `error.code`: the very error, stable; nil where the family says it all.
    package let code: String?
    /// `error.param`: the member or field of the request that is at fault.
    package let param: String?
    /// `error.message`: for people.
    package let message: String
    /// `x-should-retry`, which overrides what the SDKs make of the status; nil where they should decide.
    package let shouldRetry: Bool?
    /// `retry-after-ms`: when to try again, in milliseconds from now; nil where nobody knows.
    package let retryAfterMilliseconds: Int64?
    /// The `allow` header of a 405.
    package let allow: String?

    /// `retry-after`: the same in whole seconds, rounded up, which is all that some clients read.
    package var retryAfterSeconds: Int? { retryAfterMilliseconds.map { Int(($0 + 999) / 1000) } }

    init(
        _ status: Int, _ type: String, code: String?, param: String? = nil, _ message: String, shouldRetry: Bool? = nil,
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

    /// The body of the answer: `{"error":{"message":…,"type":…,"param":…,"code":…}}`, ASCII.
    package func body() -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(message.utf8.count + 128)
        appendObject(to: &output)
        return output
    }

    /// The same as a server-sent event, for failures in mid-stream: OpenAI's SDKs raise an error on a `data` line with a
    /// member `error`.
    package func event() -> [UInt8] {
        var output = Array("data: ".utf8)
        appendObject(to: &output)
        output.append(contentsOf: "\n\n".utf8)
        return output
    }

    private func appendObject(to output: inout [UInt8]) {
        output.append(contentsOf: #"{"error":{"message":"#.utf8)
        JSONString.append(message, to: &output)
        output.append(contentsOf: #","type":"#.utf8)
        JSONString.append(type, to: &output)
        output.append(contentsOf: #","param":"#.utf8)
        Self.append(param, to: &output)
        output.append(contentsOf: #","code":"#.utf8)
        Self.append(code, to: &output)
        output.append(contentsOf: "}}".utf8)
    }

    private static func append(_ text: String?, to output: inout [UInt8]) {
        if let text { JSONString.append(text, to: &output) } else { output.append(contentsOf: "null".utf8) }
    }

    /// A name that the caller chose, short enough to be shown in a message.
    static func shown(_ name: String) -> String {
        let limit = 128
        let scalars = name.unicodeScalars
        guard let end = scalars.index(scalars.startIndex, offsetBy: limit, limitedBy: scalars.endIndex),
            end != scalars.endIndex
        else { return name }
        return String(scalars[..<end]) + "…"
    }
}
