import HTTPServer

/// A refusal of the admin API, in the shape of the public API's errors.
package struct AdminProblem: Error, Equatable, Sendable {
    /// The HTTP status.
    package var status: Int
    /// The kind of error, as `invalid_request_error`.
    package var type: String
    /// The error, for programs.
    package var code: String
    /// Cause, place and remedy.
    package var message: String
    /// The member or parameter that is wrong.
    package var param: String?

    /// An error of the client, unless `type` says otherwise.
    package init(
        _ status: Int, _ code: String, _ message: String, param: String? = nil, type: String = "invalid_request_error"
    ) {
        self.status = status
        self.type = type
        self.code = code
        self.message = message
        self.param = param
    }

    /// A wrong member of the body, or parameter of the query.
    package static func invalid(_ message: String, param: String?) -> AdminProblem {
        AdminProblem(400, "invalid_value", message, param: param)
    }

    /// A client without enough rights.
    package static func forbidden(_ code: String, _ message: String) -> AdminProblem {
        AdminProblem(403, code, message, type: "permission_error")
    }

    /// The form of the error, for `openapi.json`.
    static let schema = AdminSchema.object([
        .init(
            "error",
            .object([
                .init("message", .text(), "Cause, place and remedy.", required: true),
                .init("type", .text(), "The kind of error.", required: true),
                .init("param", .optional(.text()), "The member or parameter that is wrong.", required: true),
                .init("code", .text(), "The error, for programs.", required: true),
            ]), "The error.", required: true)
    ])

    /// The response, with `fields` more.
    package func response(_ fields: [(name: StaticString, value: String)] = []) -> ServerResponse {
        let body: AdminValue = [
            "error": [
                "message": .text(message), "type": .text(type), "param": param.map(AdminValue.text) ?? .null,
                "code": .text(code),
            ]
        ]
        return .json(body.json, status: status, fields)
    }
}

extension ServerResponse {
    /// A response with the JSON text `body`. It may show keys, so nothing keeps it.
    package static func json(
        _ body: [UInt8], status: Int = 200, _ fields: [(name: StaticString, value: String)] = []
    ) -> ServerResponse {
        ServerResponse(
            status: status, fields: [("content-type", "application/json"), ("cache-control", "no-store")] + fields,
            body: body)
    }
}
