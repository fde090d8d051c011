/// A value that fits a JSON schema: arguments of tools, and responses in a requested form.
struct SchemaSample {
    private let root: JSONValue
    /// Values that may still be made. References and nested arrays could ask for any number of them.
    private var remaining = 10_000

    /// A value that fits `schema`, as far as the usual keywords of JSON Schema say; `{}` for nil.
    static func value(_ schema: JSONValue?) -> JSONValue {
        guard let schema else { return .object([]) }
        var sample = SchemaSample(root: schema)
        return sample.value(schema, depth: 0)
    }

    private init(root: JSONValue) { self.root = root }

    private mutating func value(_ schema: JSONValue, depth: Int) -> JSONValue {
        guard depth < 16, remaining > 0 else { return .null }
        remaining -= 1
        if let constant = schema["const"] { return constant }
        if let first = schema["enum"]?.array?.first { return first }
        if let target = schema["$ref"]?.string.flatMap(resolve) { return value(target, depth: depth + 1) }
        if let first = (schema["anyOf"] ?? schema["oneOf"] ?? schema["allOf"])?.array?.first {
            return value(first, depth: depth + 1)
        }
        switch schema["type"]?.string ?? schema["type"]?.array?.first?.string {
        case "string": return .string("sandbox")
        case "integer", "number": return .number(String(max(1, schema["minimum"]?.integer ?? 1)))
        case "boolean": return .bool(true)
        case "null": return .null
        case "array":
            let count = min(max(0, schema["minItems"]?.integer ?? 1), 16)
            guard let items = schema["items"] else {
                return .array(Array(repeating: .string("sandbox"), count: count))
            }
            return .array((0..<count).map { _ in value(items, depth: depth + 1) })
        default:
            let members = schema["properties"]?.object ?? []
            return .object(members.map { ($0.name, value($0.value, depth: depth + 1)) })
        }
    }

    /// The schema that a reference such as `#/$defs/Name` points to.
    private func resolve(_ reference: String) -> JSONValue? {
        guard reference.hasPrefix("#/") else { return nil }
        return reference.dropFirst(2).split(separator: "/").reduce(Optional(root)) { $0?[String($1)] }
    }
}
