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
    /// The most keys and values of a document: far more than any request has, and 24 MiB of nodes.
    package static let valueLimit = 1 << 19

    /// The document.
    package var bytes: [UInt8] { index.bytes }
    private var index = JSONIndex(limit: valueLimit)

    package init() {}

    /// The value of the whole document; nil before a document was read, and after one with a fault.
    package var root: JSONValue? { index.nodes.count == 0 ? nil : JSONValue(self, 0) }

    func node(_ index: Int) -> JSONIndex.Node { self.index.nodes[index] }

    /// The node of the last member `name` of an object; nil where it is absent or null, and for other values.
    ///
    /// Most of a reader's work: it makes no values of the members that it passes. Properties are read in place, since a local copy
    /// of an array costs a retain and a release.
    func member(_ name: StaticString, of object: Int) -> Int? {
        guard index.nodes[object].kind == .object else { return nil }
        let end = index.nodes[object].next
        var found: Int?
        var key = object &+ 1
        while key < end {
            if isString(name, at: key) { found = key &+ 1 }
            key = index.nodes[key &+ 1].next
        }
        return found.flatMap { index.nodes[$0].kind == .null ? nil : $0 }
    }

    /// Returns true if the node, a key or a string, is `text`.
    @inline(__always)
    func isString(_ text: StaticString, at node: Int) -> Bool {
        if index.nodes[node].hasEscapes { return isEscapedString(text, at: node) }
        return index.hasText(text, at: node)
    }

    @inline(never)
    private func isEscapedString(_ text: StaticString, at node: Int) -> Bool {
        JSONValue(self, node).text.span.equals(text)
    }

    /// Reads a document, which `scanner` checks and whose paths it records.
    ///
    /// - Throws: The fault that `scanner` finds, or `JSONError.Kind.tooManyValues`.
    package func read(_ bytes: [UInt8], with scanner: inout JSONScanner) throws(JSONError) {
        index.bytes = bytes
        try scan(with: &scanner)
    }

    /// Reads a document that is in memory of somebody else, by copying it.
    package func read(copying bytes: Span<UInt8>, with scanner: inout JSONScanner) throws(JSONError) {
        index.bytes.removeAll(keepingCapacity: true)
        index.bytes.append(bytes)
        try scan(with: &scanner)
    }

    /// Reads `bytes` in one pass: the scanner judges them, and the index gets each value.
    private func scan(with scanner: inout JSONScanner) throws(JSONError) {
        index.reset(forLength: bytes.count)
        scanner.reset()
        let bytes = bytes
        do throws(JSONError) {
            try scanner.scan(bytes.span, to: &index)
            try scanner.finish(to: &index)
            if index.isOverLimit {
                throw JSONError(.tooManyValues, at: index.nodes[index.nodes.count - 1].range.lowerBound)
            }
        } catch {
            index.removeAll()
            throw error
        }
    }
}
