import Bytes

/// An index of the values of a JSON document, for readers that need members in any order.
///
/// It holds the kind and the place of each value, and no text: large values stay ranges of the document's bytes. Reading another
/// document keeps the storage.
///
/// ```swift
/// let document = JSONDocument()
/// try document.read(body, with: &scanner)
/// let role = document.root?["messages"]?.elements.first { $0["role"] != nil }
/// ```
package final class JSONDocument {
    /// A value, before its descendants. The members of an object are nodes in turn: a key, then its value.
    struct Node {
        var kind: JSONKind
        /// For a string: it has at least one backslash.
        var hasEscapes = false
        /// The bytes of the value, with quotes or brackets.
        var range: Range<Int>
        /// The index of the node after the last descendant.
        var next: Int
    }

    /// The most keys and values of a document: far more than any request has, and 24 MiB of nodes.
    package static let valueLimit = 1 << 19

    /// The document.
    package private(set) var bytes: [UInt8] = []
    private(set) var nodes: [Node] = []
    /// Indices of the containers that are open.
    private var open: [Int] = []

    package init() {}

    /// The value of the whole document; nil before a document was read, and after one with a fault.
    package var root: JSONValue? { nodes.isEmpty ? nil : JSONValue(self, 0) }

    /// The node of the last member `name` of an object; nil where it is absent or null, and for other values.
    ///
    /// Most of a reader's work: it makes no values of the members that it passes.
    func member(_ name: StaticString, of object: Int) -> Int? {
        guard nodes[object].kind == .object else { return nil }
        let end = nodes[object].next
        var found: Int?
        var key = object + 1
        while key < end {
            let value = nodes[key].next
            if hasText(name, at: key) { found = value }
            key = nodes[value].next
        }
        return found.flatMap { nodes[$0].kind == .null ? nil : $0 }
    }

    /// Returns true if the node is the string `text`.
    func hasText(_ text: StaticString, at index: Int) -> Bool {
        let node = nodes[index]
        guard node.kind == .string else { return false }
        if node.hasEscapes { return JSONValue(self, index).text.span.equals(text) }
        guard node.range.count == text.utf8CodeUnitCount + 2 else { return false }
        let bytes = bytes
        return bytes.span.hasPrefix(text, from: node.range.lowerBound + 1, to: node.range.upperBound - 1)
    }

    /// Reads a document, which `scanner` checks and whose paths it records.
    ///
    /// - Throws: The fault that `scanner` finds, or `JSONError.Kind.tooManyValues`.
    package func read(_ bytes: [UInt8], with scanner: inout JSONScanner) throws(JSONError) {
        self.bytes = bytes
        try index(with: &scanner)
    }

    /// Reads a document that is in memory of somebody else, by copying it.
    package func read(copying bytes: Span<UInt8>, with scanner: inout JSONScanner) throws(JSONError) {
        self.bytes.removeAll(keepingCapacity: true)
        self.bytes.append(bytes)
        try index(with: &scanner)
    }

    private func index(with scanner: inout JSONScanner) throws(JSONError) {
        nodes.removeAll(keepingCapacity: true)
        open.removeAll(keepingCapacity: true)
        scanner.reset()
        let bytes = bytes
        try scanner.scan(bytes.span)
        try scanner.finish()
        do { try index(bytes.span) } catch {
            nodes.removeAll()
            throw error
        }
    }

    /// Finds the values of a valid document.
    private func index(_ bytes: Span<UInt8>) throws(JSONError) {
        var position = ByteOrderMark.begins(bytes) ? ByteOrderMark.length : 0
        while position < bytes.count {
            guard nodes.count <= Self.valueLimit else { throw JSONError(.tooManyValues, at: position) }
            switch bytes[position] {
            case ASCII.quote: addString(bytes, &position)
            case ASCII.openingBrace: beginContainer(.object, at: &position)
            case ASCII.openingBracket: beginContainer(.array, at: &position)
            case ASCII.closingBrace, ASCII.closingBracket: endContainer(at: &position)
            case ASCII.comma, ASCII.colon: position += 1
            case let byte where ASCII.isWhitespace(byte): position += 1
            default: addWord(bytes, &position)
            }
        }
    }

    private func beginContainer(_ kind: JSONKind, at position: inout Int) {
        open.append(nodes.count)
        nodes.append(Node(kind: kind, range: position..<position + 1, next: nodes.count + 1))
        position += 1
    }

    private func endContainer(at position: inout Int) {
        position += 1
        guard let container = open.popLast() else { return }
        nodes[container].range = nodes[container].range.lowerBound..<position
        nodes[container].next = nodes.count
    }

    private func addString(_ bytes: Span<UInt8>, _ position: inout Int) {
        let start = position
        var end = start
        repeat {
            end = bytes.index(of: ASCII.quote, from: end + 1)
        } while end < bytes.count
            && Self.isEscaped(bytes, end, after: start)
        position = min(end + 1, bytes.count)
        let escape = bytes.extracting(start..<position).index(of: ASCII.backslash, from: 0)
        nodes.append(
            Node(
                kind: .string, hasEscapes: escape < position - start, range: start..<position, next: nodes.count + 1))
    }

    /// Returns true if an odd number of backslashes stands before `end`.
    private static func isEscaped(_ bytes: Span<UInt8>, _ end: Int, after start: Int) -> Bool {
        var first = end
        while first - 1 > start, bytes[first - 1] == ASCII.backslash { first -= 1 }
        return (end - first) % 2 == 1
    }

    /// Adds a number, or one of the words that are values.
    private func addWord(_ bytes: Span<UInt8>, _ position: inout Int) {
        let start = position
        while position < bytes.count, !Self.endsWord(bytes[position]) { position += 1 }
        let kind: JSONKind =
            switch bytes[start] {
            case UInt8(ascii: "t"): .true
            case UInt8(ascii: "f"): .false
            case UInt8(ascii: "n"): .null
            default: .number
            }
        nodes.append(Node(kind: kind, range: start..<position, next: nodes.count + 1))
    }

    private static func endsWord(_ byte: UInt8) -> Bool {
        byte == ASCII.comma || byte == ASCII.closingBrace || byte == ASCII.closingBracket || ASCII.isWhitespace(byte)
    }
}
