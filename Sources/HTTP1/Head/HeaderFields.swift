import Bytes

/// Fields of one head or trailer section: one byte buffer and a table of ranges in it.
///
/// A field is found by comparing bytes; no string is allocated for it.
package struct HeaderFields: Sendable {
    /// One field line.
    package struct Field: Sendable {
        let nameStart: UInt32
        let valueStart: UInt32
        let valueEnd: UInt32
        let nameLength: UInt16
        let kind: FieldKind
        /// True for a field that ends at the next hop; see `HeaderFields.isHopByHop`.
        var isHopByHop: Bool

        /// Range of the name in `HeaderFields.bytes`, in the sender's spelling.
        package var name: Range<Int> { Int(nameStart)..<Int(nameStart) + Int(nameLength) }
        /// Range of the value in `HeaderFields.bytes`, without surrounding white space. May be empty.
        package var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }
    }

    /// The whole section as received, with start line and empty line. Every range refers to it.
    package let bytes: [UInt8]
    private let fields: [Field]

    init(bytes: [UInt8], fields: [Field]) {
        self.bytes = bytes
        self.fields = fields
    }

    /// No fields and no bytes.
    package static let empty = HeaderFields(bytes: [], fields: [])

    /// Number of fields. Fields with the same name count separately.
    package var count: Int { fields.count }

    /// The field at `index` in the order of the message, `0..<count`.
    package subscript(_ index: Int) -> Field { fields[index] }

    /// The value of the first field called `name` (in lower case), or nil.
    package func first(_ name: StaticString) -> Range<Int>? {
        let span = bytes.span
        for field in fields where span.equalsIgnoringCase(field.name, name) { return field.value }
        return nil
    }

    /// The value of the one field called `name` (in lower case), or nil.
    ///
    /// For fields whose value is no list. Recipients use the first, the last or all of several such lines, so none is
    /// meant by all (RFC 9110, section 5.3).
    ///
    /// - Throws: `.repeatedField` where several fields have the name, equal or not.
    package func single(_ name: StaticString) throws(HTTP1Error) -> Range<Int>? {
        let span = bytes.span
        var value: Range<Int>?
        for field in fields where span.equalsIgnoringCase(field.name, name) {
            guard value == nil else { throw .repeatedField }
            value = field.value
        }
        return value
    }

    /// The value of the first field called `name` (in lower case), for a name from the configuration.
    package func first(configured name: [UInt8]) -> Range<Int>? {
        let span = bytes.span
        for field in fields where Self.isNamed(field, name, in: span) { return field.value }
        return nil
    }

    /// Whether `field` is called `name`, in lower case, which was not known when the program was built.
    package func isNamed(_ field: Field, configured name: [UInt8]) -> Bool { Self.isNamed(field, name, in: bytes.span) }

    private static func isNamed(_ field: Field, _ name: [UInt8], in span: Span<UInt8>) -> Bool {
        let start = field.name.lowerBound
        return field.name.count == name.count
            && name.indices.allSatisfy { ASCII.lowercased(span[start + $0]) == name[$0] }
    }

    /// The values of all fields called `name` (in lower case), in the order of the message.
    package func values(_ name: StaticString) -> [Range<Int>] {
        let span = bytes.span
        var values: [Range<Int>] = []
        for field in fields where span.equalsIgnoringCase(field.name, name) { values.append(field.value) }
        return values
    }

    /// Returns true where a field is called `name` (in lower case).
    package func contains(_ name: StaticString) -> Bool {
        first(name) != nil
    }

    /// Returns true where `token` is a member of the comma-separated lists of the fields called `name`, both in lower
    /// case. Parameters of the members are ignored.
    package func hasToken(_ token: StaticString, in name: StaticString) -> Bool {
        let span = bytes.span
        for field in fields where span.equalsIgnoringCase(field.name, name) {
            var position = Int(field.valueStart)
            while let member = span.nextListMember(&position, end: Int(field.valueEnd)) {
                if span.equalsIgnoringCase(span.withoutParameters(member), token) { return true }
            }
        }
        return false
    }

    /// Returns true where `field` is called `name` (in lower case).
    package func isNamed(_ field: Field, _ name: StaticString) -> Bool {
        bytes.span.equalsIgnoringCase(field.name, name)
    }

    /// Returns true for a field that ends at the next hop (RFC 9110, section 7.6.1): `connection`, `keep-alive`,
    /// `proxy-*`, `te`, `trailer`, `transfer-encoding`, `upgrade`, and every field that `connection` names, unless it is
    /// one of `EndToEndFields`.
    package func isHopByHop(_ field: Field) -> Bool {
        field.isHopByHop
    }

    /// Returns true where the bytes at `range` equal `text` (in lower case), ignoring the case of ASCII letters.
    package func equals(_ range: Range<Int>, _ text: StaticString) -> Bool {
        bytes.span.equalsIgnoringCase(range, text)
    }

    /// Returns true where the bytes at `range` begin with `text` (in lower case), ignoring the case of ASCII letters.
    package func hasPrefix(_ range: Range<Int>, _ text: StaticString) -> Bool {
        bytes.span.hasPrefixIgnoringCase(range, text)
    }

    /// The bytes at `range` as text, with malformed UTF-8 replaced. For logs and for rare decisions.
    package func string(_ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }

    /// Appends the bytes at `range` to `output`.
    package func append(_ range: Range<Int>, to output: inout [UInt8]) {
        output.append(range, of: bytes.span)
    }

    /// Lends the bytes at `range` to `body`.
    package func withSpan<Result, Failure: Error>(
        _ range: Range<Int>, _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(bytes.span.extracting(range))
    }
}
