import Bytes

/// The decoded text of the current key or value, if it is wanted.
///
/// A token without escapes in one piece is used in place, without a copy. Else its bytes are gathered, up to a limit. Offsets
/// count from the first byte of the document; `base` is the offset of the present piece.
struct JSONTokenText: ~Copyable {
    /// The place of a complete text.
    enum Place {
        /// In `gathered`.
        case gathered
        /// In the present piece.
        case piece(Range<Int>)
    }

    /// False if the text is not wanted, or is longer than the limit.
    private(set) var isWanted = false
    /// The text before `runStart`.
    private(set) var gathered: [UInt8] = []
    private var isGathered = false
    /// The start of the bytes that are text as they are.
    private var runStart = 0
    private var limit = 0

    /// Begins a token at `offset`.
    @inline(__always)
    mutating func begin(at offset: Int, isWanted: Bool, limit: Int) {
        runStart = offset
        self.isWanted = isWanted
        self.limit = limit
    }

    /// Ends the token, or gives up a text that is too long.
    @inline(__always)
    mutating func end() {
        isWanted = false
        if isGathered {
            gathered.removeAll(keepingCapacity: true)
            isGathered = false
        }
    }

    /// Begins a run of plain text at `offset`.
    @inline(__always)
    mutating func beginRun(at offset: Int) { runStart = offset }

    /// Gathers the run up to `index` of the present piece.
    mutating func gather(_ bytes: Span<UInt8>, upTo index: Int, base: Int) {
        let run = runStart - base..<index
        guard gathered.count + run.count <= limit else { return end() }
        isGathered = true
        gathered.append(run, of: bytes)
    }

    /// Gathers a decoded scalar of `size` bytes in UTF-8.
    mutating func gather(_ scalar: UInt32, size: Int) {
        guard gathered.count + size <= limit else { return end() }
        isGathered = true
        switch size {
        case 1:
            gathered.append(UInt8(truncatingIfNeeded: scalar))
        case 2:
            gathered.append(0xC0 | UInt8(truncatingIfNeeded: scalar >> 6))
        case 3:
            gathered.append(0xE0 | UInt8(truncatingIfNeeded: scalar >> 12))
        default:
            gathered.append(0xF0 | UInt8(truncatingIfNeeded: scalar >> 18))
            gathered.append(0x80 | UInt8(truncatingIfNeeded: scalar >> 12) & 0x3F)
        }
        if size >= 3 { gathered.append(0x80 | UInt8(truncatingIfNeeded: scalar >> 6) & 0x3F) }
        if size >= 2 { gathered.append(0x80 | UInt8(truncatingIfNeeded: scalar) & 0x3F) }
    }

    /// Exchanges the storage of the gathered bytes.
    @inline(__always)
    mutating func swapGathered(with other: inout [UInt8]) { swap(&gathered, &other) }

    /// Completes the text, which ends before `index` of the present piece.
    ///
    /// - Returns: its place; nil if it is not wanted or longer than the limit.
    @inline(__always)
    mutating func complete(_ bytes: Span<UInt8>, upTo index: Int, base: Int) -> Place? {
        guard isWanted else { return nil }
        guard isGathered else { return .piece(runStart &- base..<index) }
        gather(bytes, upTo: index, base: base)
        return isWanted ? .gathered : nil
    }
}
