/// Makes a value that fits a JSON schema: arguments of tools, and answers in a wanted form.
enum SchemaSample {
    /// A value that fits `schema`, as far as the usual words of JSON Schema tell; `{}` fits nothing known.
    static func value(_ schema: JSONValue?) -> JSONValue {
        guard let schema else { return .object([]) }
        return value(schema, root: schema, depth: 0)
    }

    private static func value(_ schema: JSONValue, root: JSONValue, depth: Int) -> JSONValue {
        guard depth < 16 else { return .null }
        if let constant = schema["const"] { return constant }
        if let first = schema["enum"]?.array?.first { return first }
        if let target = schema["$ref"]?.string.flatMap({ resolve($0, in: root) }) {
            return value(target, root: root, depth: depth + 1)
        }
        if let first = (schema["anyOf"] ?? schema["oneOf"] ?? schema["allOf"])?.array?.first {
            return value(first, root: root, depth: depth + 1)
        }
        switch schema["type"]?.string ?? schema["type"]?.array?.first?.string {
        case "string": return .string("sandbox")
        case "integer", "number": return .number(String(max(1, schema["minimum"]?.integer ?? 1)))
        case "boolean": return .bool(true)
        case "null": return .null
        case "array":
            let count = min(schema["minItems"]?.integer ?? 1, 16)
            let element = schema["items"].map { value($0, root: root, depth: depth + 1) } ?? .string("sandbox")
            return .array(Array(repeating: element, count: max(0, count)))
        default:
            let members = schema["properties"]?.object ?? []
            return .object(members.map { ($0.name, value($0.value, root: root, depth: depth + 1)) })
        }
    }

    /// What `#/$defs/Name` means.
    private static func resolve(_ reference: String, in root: JSONValue) -> JSONValue? {
        guard reference.hasPrefix("#/") else { return nil }
        return reference.dropFirst(2).split(separator: "/").reduce(Optional(root)) { $0?[String($1)] }
    }
}
