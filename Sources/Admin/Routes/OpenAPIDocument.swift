/// The description of the admin API (OpenAPI 3.1.1), made of the routes.
enum OpenAPIDocument {
    /// The document for `operations`, of the version `version` of the program.
    static func document(of operations: [AdminOperation], version: String) -> AdminValue {
        var paths: [String: AdminValue] = [:]
        for operation in operations {
            paths[operation.path] = (paths[operation.path] ?? [:])
                .adding(operation.method.rawValue.lowercased(), describe(operation))
        }
        return [
            "openapi": "3.1.1",
            "info": [
                "title": "Propylon admin API", "version": .text(version),
                "description": "Keys, limits, usage and state of a gateway. Errors have the shape of the public API's.",
            ],
            "paths": .object(paths),
            "components": [
                "schemas": ["Error": AdminProblem.schema.document],
                "securitySchemes": ["token": ["type": "http", "scheme": "bearer"]],
            ],
            "security": [["token": []]],
        ]
    }

    private static func describe(_ operation: AdminOperation) -> AdminValue {
        var document: AdminValue = [
            "operationId": .text(operation.id), "summary": .text(operation.summary),
            "parameters": .list(parameters(of: operation)),
            "responses": [
                String(operation.success.status): describe(operation.success),
                "default": [
                    "description": "An error.",
                    "content": ["application/json": ["schema": ["$ref": "#/components/schemas/Error"]]],
                ],
            ],
        ]
        if let body = operation.body {
            document = document.adding(
                "requestBody",
                [
                    "required": .boolean(body.fault(in: .object([:])) != nil),
                    "content": ["application/json": ["schema": body.document]],
                ])
        }
        return document
    }

    private static func describe(_ success: AdminOperation.Success) -> AdminValue {
        guard success.status != 204 else { return ["description": .text(success.meaning)] }
        let media: AdminValue = success.schema.map { ["schema": $0.document] } ?? [:]
        return ["description": .text(success.meaning), "content": .object([success.type: media])]
    }

    private static func parameters(of operation: AdminOperation) -> [AdminValue] {
        let path = operation.pathParameters.map { name in
            parameter(name, "path", .text(1...200), "The id, or a name that only one has.").adding(
                "required", .boolean(true))
        }
        let query = operation.query.map { parameter($0.name, "query", $0.schema, $0.meaning) }
        let version = parameter(
            "If-Match", "header", .text(),
            "The version that is changed, from `etag`; another version is refused with 412.")
        return path + query + (operation.takesVersion ? [version] : [])
    }

    private static func parameter(
        _ name: String, _ place: String, _ schema: AdminSchema, _ meaning: String
    ) -> AdminValue {
        ["name": .text(name), "in": .text(place), "schema": schema.document, "description": .text(meaning)]
    }
}
