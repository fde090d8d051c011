/// Byte ranges of a body that are replaced. All other bytes are the client's.
package struct RequestEdits: Sendable {
    /// A piece of the body as it goes upstream.
    package enum Piece: Sendable, Equatable {
        /// A range of the original.
        case original(Range<Int>)
        /// Bytes in place of some of the original.
        case inserted([UInt8])
    }

    private var replacements: [(range: Range<Int>, bytes: [UInt8])] = []

    /// Creates an empty set of edits.
    package init() {}

    /// Returns true if nothing changes.
    package var isEmpty: Bool { replacements.isEmpty }

    /// Replaces `range` of the original by `bytes`; an empty range inserts. Insertions at one place keep the order of
    /// the calls.
    ///
    /// - Precondition: `range` overlaps no earlier range.
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

    /// The length of the edited body; `length` is the original's.
    package func newLength(of length: Int) -> Int {
        replacements.reduce(length) { $0 - $1.range.count + $1.bytes.count }
    }

    /// Calls `body` with the pieces of the edited body in order, none of them empty. `length` is the original's.
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
