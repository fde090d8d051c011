/// The form of a value. It checks bodies and queries, and describes them in `openapi.json`: one declaration for both.
package indirect enum AdminSchema: Sendable {
    /// A text of `characters` Unicode scalars.
    case text(ClosedRange<Int> = 0...AdminSchema.longestText)
    case integer(ClosedRange<Int64>)
    case number
    case boolean
    /// Any value.
    case any
    case null
    /// One of these texts.
    case choice([String])
    case list(AdminSchema, atMost: Int = .max)
    /// An object with these members and no others.
    case object([Member])
    /// An object whose members have these names and the same form; nil for any names.
    case table(names: [String]?, AdminSchema)
    /// One of several forms.
    case either([AdminSchema])

    /// A member of an object.
    package struct Member: Sendable {
        let name: String
        let schema: AdminSchema
        let meaning: String
        let isRequired: Bool

        /// A member that has `meaning`.
        package init(_ name: String, _ schema: AdminSchema, _ meaning: String, required: Bool = false) {
            self.name = name
            self.schema = schema
            self.meaning = meaning
            isRequired = required
        }
    }

    /// The most Unicode scalars of a text where nothing else is said.
    package static let longestText = 4096

    /// `schema`, or null.
    package static func optional(_ schema: AdminSchema) -> AdminSchema { .either([schema, .null]) }

    /// Returns a sentence about what is wrong with `value`, and the path of it; nil where it has the form.
    func fault(in value: AdminValue, at path: String = "") -> Fault? {
        switch (self, value) {
        case (.text(let lengths), .text(let text)):
            return lengths ~= text.unicodeScalars.count
                ? nil : Fault(path, "must have \(lengths.lowerBound) to \(lengths.upperBound) characters")
        case (.integer(let range), .integer(let integer)):
            return range ~= integer ? nil : Fault(path, "must be \(range.lowerBound) to \(range.upperBound)")
        case (.any, _), (.number, .integer), (.number, .number), (.boolean, .boolean), (.null, .null): return nil
        case (.choice(let texts), .text(let text)):
            return texts.contains(text) ? nil : Fault(path, "must be one of \(texts.joined(separator: ", "))")
        case (.list(let element, let limit), .list(let values)):
            guard values.count <= limit else { return Fault(path, "must have at most \(limit) elements") }
            return values.enumerated().lazy.compactMap { element.fault(in: $1, at: "\(path)[\($0)]") }.first
        case (.object(let members), .object(let values)): return Self.fault(in: values, of: members, at: path)
        case (.table(let names, let schema), .object(let values)):
            if let names, let unknown = values.keys.sorted().first(where: { !names.contains($0) }) {
                return Fault(
                    Self.join(path, unknown), "there is no such member; there are \(names.joined(separator: ", "))")
            }
            return values.sorted { $0.key < $1.key }.lazy
                .compactMap { schema.fault(in: $1, at: Self.join(path, $0)) }.first
        case (.either(let schemas), _):
            let faults = schemas.map { $0.fault(in: value, at: path) }
            if faults.contains(where: { $0 == nil }) { return nil }
            // A fault further inside says more than the type of the whole.
            return faults.compactMap(\.self).first { !$0.isOfType || $0.path != path }
                ?? Fault(path, "must be \(kind)", isOfType: true)
        default: return Fault(path, "must be \(kind)", isOfType: true)
        }
    }

    private static func fault(in values: [String: AdminValue], of members: [Member], at path: String) -> Fault? {
        let known = members.map(\.name)
        if let unknown = values.keys.sorted().first(where: { !known.contains($0) }) {
            return Fault(join(path, unknown), "there is no such member; there are \(known.joined(separator: ", "))")
        }
        for member in members {
            let place = join(path, member.name)
            guard let value = values[member.name] else {
                if member.isRequired { return Fault(place, "is missing") }
                continue
            }
            if let fault = member.schema.fault(in: value, at: place) { return fault }
        }
        return nil
    }

    private static func join(_ path: String, _ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    private var kind: String {
        switch self {
        case .text, .choice: "a text"
        case .integer: "a whole number"
        case .number: "a number"
        case .any: "a value"
        case .boolean: "true or false"
        case .null: "null"
        case .list: "a list"
        case .object, .table: "an object"
        case .either(let schemas): schemas.map(\.kind).joined(separator: " or ")
        }
    }

    /// What is wrong with a value.
    struct Fault: Equatable {
        /// The place, as `limits.budget_eur_per_day`; empty for the whole value.
        let path: String
        let message: String
        /// True for a value of another type, false for a wrong one of the right type.
        let isOfType: Bool

        init(_ path: String, _ message: String, isOfType: Bool = false) {
            self.path = path
            self.message = message
            self.isOfType = isOfType
        }
    }
}

extension AdminSchema {
    /// The form as a JSON Schema (draft 2020-12), which OpenAPI 3.1 uses.
    var document: AdminValue {
        switch self {
        case .text(let lengths):
            return [
                "type": "string", "minLength": .integer(Int64(lengths.lowerBound)),
                "maxLength": .integer(Int64(lengths.upperBound)),
            ]
        case .integer(let range):
            return ["type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound)]
        case .number: return ["type": "number"]
        case .any: return [:]
        case .boolean: return ["type": "boolean"]
        case .null: return ["type": "null"]
        case .choice(let texts): return ["type": "string", "enum": .list(texts.map(AdminValue.text))]
        case .list(let element, let limit):
            return ["type": "array", "items": element.document, "maxItems": .integer(Int64(limit))]
        case .object(let members):
            let properties = members.map { member in
                (member.name, member.schema.document.adding("description", .text(member.meaning)))
            }
            return [
                "type": "object", "additionalProperties": .boolean(false),
                "properties": .object(Dictionary(properties) { _, last in last }),
                "required": .list(members.filter(\.isRequired).map { .text($0.name) }),
            ]
        case .table(let names, let schema):
            guard let names else { return ["type": "object", "additionalProperties": schema.document] }
            return [
                "type": "object", "additionalProperties": .boolean(false),
                "properties": .object(Dictionary(names.map { ($0, schema.document) }) { _, last in last }),
            ]
        case .either(let schemas): return ["anyOf": .list(schemas.map(\.document))]
        }
    }
}

extension AdminValue {
    /// The object with one more member.
    func adding(_ name: String, _ value: AdminValue) -> AdminValue {
        guard case .object(var members) = self else { return self }
        members[name] = value
        return .object(members)
    }
}
