import Scanners

/// A small JSON document as a tree, such as a tool's schema. Unlike Foundation's, it keeps the order of members.
indirect enum JSONValue: Sendable {
    case null
    case bool(Bool)
    /// The literal, as it was written.
    case number(String)
    case string(String)
    case array([JSONValue])
    /// Members in the order of the text, repeated names included.
    case object([(name: String, value: JSONValue)])

    /// Reads `bytes`; nil for invalid JSON and for more than 64 levels.
    init?(_ bytes: some Sequence<UInt8>) {
        let bytes = Array(bytes)
        var scanner = JSONScanner(Self.nothing, depthLimit: 64)
        do throws(JSONError) {
            try scanner.scan(bytes.span)
            try scanner.finish()
        } catch { return nil }
        var reader = ValidJSONReader(bytes)
        self = reader.value()
    }

    /// Reads a request's body, which must be an object.
    init(object body: [UInt8]) throws(SandboxError) {
        guard let value = JSONValue(body), value.object != nil else {
            throw .invalid("The body must be a JSON object.")
        }
        self = value
    }

    private static let nothing = JSONPathSet([])

    /// The member called `name`, the last of several.
    subscript(_ name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name == name }?.value
    }

    var string: String? { if case .string(let text) = self { text } else { nil } }
    var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    var integer: Int? { if case .number(let literal) = self { Int(literal) } else { nil } }
    var array: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
    var object: [(name: String, value: JSONValue)]? { if case .object(let members) = self { members } else { nil } }

    /// The request member `model`.
    func modelName() throws(SandboxError) -> String {
        guard let name = self["model"]?.string, !name.isEmpty else { throw .missing("model") }
        return name
    }

    /// Appends the value without spaces.
    func append(to json: inout JSONOutput) {
        switch self {
        case .null: json.raw("null")
        case .bool(let value): json.raw(value ? "true" : "false")
        case .number(let literal): json.raw(literal.utf8)
        case .string(let text): json.string(text)
        case .array(let elements):
            json.raw("[")
            for (index, element) in elements.enumerated() {
                if index > 0 { json.raw(",") }
                element.append(to: &json)
            }
            json.raw("]")
        case .object(let members):
            json.raw("{")
            for (index, member) in members.enumerated() {
                if index > 0 { json.raw(",") }
                json.string(member.name)
                json.raw(":")
                member.value.append(to: &json)
            }
            json.raw("}")
        }
    }
}
