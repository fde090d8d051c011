import Bytes

/// Facts of a span, a series or a resource, by their names in the semantic conventions. Each name is added once.
package struct Attributes: Sendable, Equatable {
    /// The elements of a list of `KeyValue`, as JSON.
    private(set) var json: [UInt8] = []

    /// No facts.
    package init() {}

    /// Adds a text, unless it is nil.
    package mutating func add(_ name: String, _ value: String?) {
        guard let value else { return }
        open(name, "stringValue")
        JSONString.appendUTF8(value, to: &json)
        json.append("}}")
    }

    /// Adds a whole number, unless it is nil.
    package mutating func add(_ name: String, _ value: Int64?) {
        guard let value else { return }
        open(name, "intValue")
        json.appendQuoted(value)
        json.append("}}")
    }

    /// Adds `true` or `false`.
    package mutating func add(_ name: String, _ value: Bool) {
        open(name, "boolValue")
        json.append(value ? "true" : "false")
        json.append("}}")
    }

    /// Adds the number `parts * 10^-places`, unless it is nil.
    package mutating func add(_ name: String, _ parts: Int64?, places: Int) {
        guard let parts else { return }
        open(name, "doubleValue")
        json.append(contentsOf: DecimalText.text(parts, places: places).utf8)
        json.append("}}")
    }

    private mutating func open(_ name: String, _ kind: StaticString) {
        if !json.isEmpty { json.append(ASCII.comma) }
        json.append(#"{"key":""#)
        json.append(contentsOf: name.utf8)
        json.append(#"","value":{""#)
        json.append(kind)
        json.append(#"":"#)
    }
}

extension [UInt8] {
    /// Appends a number of 64 bits as JSON's mapping of protobuf has it: in quotes.
    mutating func appendQuoted(_ number: some FixedWidthInteger) {
        append(ASCII.quote)
        appendDecimal(number)
        append(ASCII.quote)
    }
}
