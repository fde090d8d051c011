import Bytes

/// A value of a `JSONDocument`. It is valid until the document reads another one.
package struct JSONValue {
    private let document: JSONDocument
    private let index: Int

    init(_ document: JSONDocument, _ index: Int) {
        self.document = document
        self.index = index
    }

    private var node: JSONIndex.Node { document.node(index) }

    package var kind: JSONKind { node.kind }

    /// The bytes of the value in the document, with quotes or brackets.
    package var range: Range<Int> { node.range }

    /// For a string: its bytes without the quotes, as they are written. Empty for other kinds.
    package var content: Range<Int> {
        let range = node.range
        guard node.kind == .string, range.count >= 2 else { return range.lowerBound..<range.lowerBound }
        return range.lowerBound + 1..<range.upperBound - 1
    }

    /// Returns true for a string with a backslash in it.
    package var hasEscapes: Bool { node.hasEscapes }

    /// The bytes of the value, as they are written.
    package var bytes: ArraySlice<UInt8> { document.bytes[node.range] }

    /// The bytes of a string without the quotes, as they are written.
    package var contentBytes: ArraySlice<UInt8> { document.bytes[content] }

    /// The decoded bytes of a string. Empty for other kinds.
    package var text: [UInt8] {
        let bytes = document.bytes
        let content = bytes.span.extracting(content)
        return hasEscapes ? content.decodedJSONText() : [UInt8](0..<content.count, of: content)
    }

    /// The string; nil for other kinds.
    package var string: String? { kind == .string ? String(decoding: text, as: UTF8.self) : nil }

    /// Returns true for the string `text`.
    package func equals(_ text: StaticString) -> Bool { kind == .string && document.isString(text, at: index) }

    /// The truth value; nil for other kinds.
    package var bool: Bool? {
        switch kind {
        case .true: true
        case .false: false
        default: nil
        }
    }

    /// The number as an integer, as `JSONMatch.integer` reads it; nil for other kinds.
    package var integer: Int64? {
        guard kind == .number else { return nil }
        let bytes = document.bytes
        return JSONNumber.integer(bytes.span.extracting(range))
    }

    /// The member `name` of an object: the last one of this name, as most parsers read it. Nil for `null`, which means the same
    /// as an absent member, and for other kinds than objects.
    package subscript(name: StaticString) -> JSONValue? {
        document.member(name, of: index).map { JSONValue(document, $0) }
    }

    /// The elements of an array; none for other kinds.
    package var elements: JSONElementSequence {
        JSONElementSequence(document, kind == .array ? index + 1..<node.next : 0..<0)
    }

    /// The members of an object; none for other kinds.
    package var members: JSONMemberSequence {
        JSONMemberSequence(JSONElementSequence(document, kind == .object ? index + 1..<node.next : 0..<0))
    }
}

/// The elements of an array, or the keys and values of an object in turn.
package struct JSONElementSequence: Sequence, IteratorProtocol {
    /// No elements.
    package static var none: JSONElementSequence { JSONElementSequence(JSONDocument(), 0..<0) }

    private let document: JSONDocument
    private var rest: Range<Int>

    fileprivate init(_ document: JSONDocument, _ nodes: Range<Int>) {
        self.document = document
        rest = nodes
    }

    package mutating func next() -> JSONValue? {
        guard let index = rest.first else { return nil }
        rest = Swift.min(document.node(index).next, rest.upperBound)..<rest.upperBound
        return JSONValue(document, index)
    }
}

/// The members of an object.
package struct JSONMemberSequence: Sequence, IteratorProtocol {
    private var values: JSONElementSequence

    fileprivate init(_ values: JSONElementSequence) { self.values = values }

    package mutating func next() -> (key: JSONValue, value: JSONValue)? {
        guard let key = values.next(), let value = values.next() else { return nil }
        return (key, value)
    }
}
