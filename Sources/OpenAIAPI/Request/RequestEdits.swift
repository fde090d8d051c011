/// Changes to a body: byte ranges that are replaced. Every other byte is the caller's.
package struct RequestEdits: Sendable {
    /// A piece of the body as it goes out.
    package enum Piece: Sendable, Equatable {
        /// These bytes of the original.
        case original(Range<Int>)
        /// These bytes instead of some of the original.
        case inserted([UInt8])
    }

    private var replacements: [(range: Range<Int>, bytes: [UInt8])] = []

    /// No change.
    package init() {}

    /// Whether nothing is changed.
    package var isEmpty: Bool { replacements.isEmpty }

    /// Has `bytes` stand in the place of `range` of the original; an empty range inserts. What is inserted at one place
    /// stands in the order of the calls.
    ///
    /// - Precondition: `range` overlaps no range given before.
    package mutating func replace(_ range: Range<Int>, with bytes: [UInt8]) {
        let index = replacements.firstIndex { $0.range.lowerBound > range.lowerBound } ?? replacements.count
        if index > 0 {
            precondition(replacements[index - 1].range.upperBound <= range.lowerBound, "edits overlap")
        }
        if index < replacements.count {
            precondition(range.upperBound <= replacements[index].range.lowerBound, "edits overlap")
        }
        replacements.insert((range, bytes), at: index)
    }

    /// How many bytes a body of `length` bytes has after the changes.
    package func newLength(of length: Int) -> Int {
        replacements.reduce(length) { $0 - $1.range.count + $1.bytes.count }
    }

    /// Calls `body` with the pieces of the changed body in order, none of them empty, so that a body in memory or in a file
    /// can be written piece by piece. `length` is the original's.
    package func forEachPiece(length: Int, _ body: (Piece) throws -> Void) rethrows {
        var position = 0
        for (range, bytes) in replacements {
            if position < range.lowerBound { try body(.original(position..<range.lowerBound)) }
            if !bytes.isEmpty { try body(.inserted(bytes)) }
            position = range.upperBound
        }
        if position < length { try body(.original(position..<length)) }
    }
}
