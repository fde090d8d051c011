import Policy

/// An operation of the admin API: what it takes, who may call it, and its documentation.
package struct AdminOperation: Sendable {
    /// A method (RFC 9110, section 9). HEAD is allowed wherever GET is.
    package enum Method: String, Sendable, CaseIterable {
        case get = "GET"
        case post = "POST"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    /// A parameter of the query.
    package struct Parameter: Sendable {
        let name: String
        let schema: AdminSchema
        let meaning: String

        /// An optional parameter `name`.
        package init(_ name: String, _ schema: AdminSchema, _ meaning: String) {
            self.name = name
            self.schema = schema
            self.meaning = meaning
        }
    }

    /// A response of a request that succeeded.
    package struct Success: Sendable {
        let status: Int
        let type: String
        /// The form of JSON; nil for anything else.
        let schema: AdminSchema?
        let meaning: String

        /// A response of `type` with `meaning`.
        package init(
            _ meaning: String, status: Int = 200, type: String = "application/json", _ schema: AdminSchema? = nil
        ) {
            self.meaning = meaning
            self.status = status
            self.type = type
            self.schema = schema
        }
    }

    let method: Method
    /// The path, with `{name}` for a segment that the client chooses.
    let path: String
    let need: AdminScope.Need
    /// The name in the documentation, one for each operation.
    let id: String
    let summary: String
    let query: [Parameter]
    /// The form of the request's body; nil where there is none.
    let body: AdminSchema?
    /// True where `If-Match` may bind the request to a version.
    let takesVersion: Bool
    let success: Success

    /// An operation with these facts, which are explained at the properties.
    package init(
        _ method: Method, _ path: String, needs need: AdminScope.Need, _ id: String, _ summary: String,
        query: [Parameter] = [], body: AdminSchema? = nil, takesVersion: Bool = false, _ success: Success
    ) {
        self.method = method
        self.path = path
        self.need = need
        self.id = id
        self.summary = summary
        self.query = query
        self.body = body
        self.takesVersion = takesVersion
        self.success = success
    }

    /// The segments of the path.
    var segments: [Segment] {
        path.split(separator: "/").map { segment in
            segment.hasPrefix("{") ? .parameter(String(segment.dropFirst().dropLast())) : .fixed(String(segment))
        }
    }

    /// A segment of a path.
    enum Segment: Equatable {
        case fixed(String)
        case parameter(String)
    }

    /// The parameters of the path.
    var pathParameters: [String] {
        segments.compactMap { if case .parameter(let name) = $0 { name } else { nil } }
    }
}
