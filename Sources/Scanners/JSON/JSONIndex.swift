import Bytes

/// The kinds and places of a document's keys and values, in the order of their beginnings.
struct JSONIndex: JSONValueSink {
    /// A value, before its descendants. The members of an object are nodes in turn: a key, then its value.
    struct Node {
        var kind: JSONKind
        /// For a string: it has at least one backslash.
        var hasEscapes = false
        /// The bytes of the value, with quotes or brackets.
        var range: Range<Int>
        /// The index of the node after the last descendant; for a container that is open, that of the container around it.
        var next: Int
    }

    /// The document. It is here since a span of an object's property cannot be passed on.
    var bytes: [UInt8] = []
    private(set) var nodes = JSONNodes()
    /// The container that is open.
    private var innermost = 0
    private let limit: Int

    /// - Parameter limit: the most keys and values. Those beyond it are left out, and make `isOverLimit` true.
    init(limit: Int) { self.limit = limit }

    var isOverLimit: Bool { nodes.count > limit }

    /// Removes all nodes and keeps their storage, or makes it for a document of `length` bytes: for few nodes, since its bytes can
    /// be those of an image.
    mutating func reset(forLength length: Int) {
        innermost = 0
        nodes.removeAll()
        nodes.reserveCapacity(min(length / 16, 4096))
    }

    /// Removes all nodes and their storage.
    mutating func removeAll() { nodes = JSONNodes() }

    /// Returns true if the node, a key or a string, is written as `text`.
    @inline(__always)
    func hasText(_ text: StaticString, at node: Int) -> Bool {
        let range = nodes[node].range
        return range.upperBound &- range.lowerBound == text.utf8CodeUnitCount &+ 2
            && bytes.span.hasPrefix(text, from: range.lowerBound &+ 1, to: bytes.count)
    }

    // MARK: Writing

    @inline(__always)
    mutating func add(_ kind: JSONKind, from start: Int, to end: Int, hasEscapes: Bool) {
        guard !isOverLimit else { return }
        nodes.append(Node(kind: kind, hasEscapes: hasEscapes, range: start..<end, next: nodes.count + 1))
    }

    @inline(__always)
    mutating func open(_ kind: JSONKind, at start: Int) {
        guard !isOverLimit else { return }
        let outer = innermost
        innermost = nodes.count
        nodes.append(Node(kind: kind, range: start..<start + 1, next: outer))
    }

    @inline(__always)
    mutating func close(at end: Int) {
        guard !isOverLimit else { return }
        var node = nodes[innermost]
        let outer = node.next
        node.range = node.range.lowerBound..<end
        node.next = nodes.count
        nodes[innermost] = node
        innermost = outer
    }
}
