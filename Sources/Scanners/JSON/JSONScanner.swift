import Bytes

/// Reads JSON in pieces of any size, strictly by RFC 8259, and records the values at given paths.
///
/// Skips a byte order mark before the document, as a parser may (section 8.1). Offsets count from the mark on.
///
/// The scanner makes one pass, without recursion and without a tree. Its memory is bounded by the paths and the depth limit, for any
/// document. It allocates nothing for a key or a value. `reset` keeps all storage, so a scanner that is kept for a stream
/// allocates once.
///
/// ```swift
/// static let paths = JSONPathSet([JSONPath("model"), JSONPath("messages[].content", .textLength)])
///
/// var scanner = JSONScanner(paths)
/// try scanner.scan(firstPiece)
/// try scanner.scan(secondPiece)
/// try scanner.finish()
/// let model = scanner.found(0)?.text
/// let characters = scanner.textLength(1).scalars
/// ```
///
/// This file has the state, and the beginning and end of a document. `+Structure` has the grammar of containers, `+Strings` and
/// `+Numbers` the tokens, `+Paths` the matching, and `+Matches` the results.
package struct JSONScanner: ~Copyable {
    /// The place in the grammar of the next byte.
    enum State: Sendable {
        /// The beginning of a value.
        case value
        /// After the first byte of a byte order mark.
        case byteOrderMark
        /// After `[`: a value or the end.
        case valueOrEnd
        /// After a comma in an object: a key.
        case key
        /// After `{`: a key or the end.
        case keyOrEnd
        case colon
        case commaOrEnd
        /// After the document.
        case done
        case string
        /// In a character of several bytes that a piece has cut.
        case character
        /// After a backslash.
        case escape
        /// In the four digits of `\u`.
        case codeUnit
        /// After a high surrogate: the low one can follow.
        case highSurrogate
        /// After a high surrogate and a backslash.
        case escapeAfterHighSurrogate
        case literal
        case numberSign
        case numberZero
        case numberInteger
        case numberPoint
        case numberFraction
        case numberExponent
        case numberExponentSign
        case numberExponentDigits
    }

    let paths: JSONPathSet
    private let depthLimit: Int
    let acceptsNonFinite: Bool

    /// The offset of the first byte of the present piece.
    var base = 0
    var state = State.value
    private var failure: JSONError?

    var containers: JSONContainers
    var matches: JSONMatchTable

    // The current token.

    /// True for the key of a member, false for a value.
    var isKey = false
    /// The offset of its first byte: for a string, the opening quote.
    var tokenStart = 0
    var text = JSONTokenText()
    var length = JSONStringLength()
    var character = PartialCharacter()
    var codeUnit = JSONCodeUnit()
    var literal = JSONLiteral.null
    /// The number of bytes of the literal that have been read.
    var literalCount = 0

    // The current value.

    /// The paths that lead to it or end with it.
    var valuePaths: UInt64
    /// The paths that end with it.
    var matched: UInt64 = 0
    var member = JSONMemberPosition()
    /// The `.textLength` paths that end with an open container around it.
    var openMeasures: UInt64 = 0

    /// The kind of the document; nil before its first byte.
    package private(set) var topLevel: JSONKind?
    /// The offset after the opening bracket of a top-level object or array, to insert members.
    package private(set) var contentStart: Int?
    /// True while the top-level object or array has no member or element.
    package private(set) var topLevelIsEmpty = true

    /// - Parameters:
    ///   - paths: the paths to record.
    ///   - depthLimit: the most objects and arrays that can be open at once, 1 to 256.
    ///   - acceptsNonFinite: reads `NaN`, `Infinity` and `-Infinity` as numbers without a value, as Python writes them.
    package init(_ paths: JSONPathSet, depthLimit: Int = 256, acceptsNonFinite: Bool = false) {
        precondition((1...256).contains(depthLimit))
        self.paths = paths
        self.depthLimit = depthLimit
        self.acceptsNonFinite = acceptsNonFinite
        containers = JSONContainers(paths)
        matches = JSONMatchTable(paths.emptySlots)
        valuePaths = paths.all
    }

    /// Reads the next piece of the document, of any size.
    ///
    /// - Throws: the fault of the document. Every later call throws it again until `reset`.
    package mutating func scan(_ bytes: Span<UInt8>) throws(JSONError) {
        var values = JSONValuesIgnored()
        try scan(bytes, to: &values)
    }

    /// Reads the next piece, and tells `values` of each value that ends in it.
    mutating func scan<Values: JSONValueSink>(_ bytes: Span<UInt8>, to values: inout Values) throws(JSONError) {
        if let failure { throw failure }
        do {
            try run(bytes, to: &values)
        } catch {
            failure = error
            throw error
        }
        if text.isWanted { gatherRest(of: bytes) }
        base += bytes.count
    }

    /// Ends the document.
    ///
    /// - Throws: `JSONError.Kind.unexpectedEnd` if it is not complete, or the error that `scan` threw.
    package mutating func finish() throws(JSONError) {
        var values = JSONValuesIgnored()
        try finish(to: &values)
    }

    /// Ends the document, and tells `values` of a number that ends with it.
    mutating func finish<Values: JSONValueSink>(to values: inout Values) throws(JSONError) {
        if let failure { throw failure }
        // A number that is the whole document ends only here.
        if containers.depth == 0, numberCanEnd { endNumber(Span(), at: 0, to: &values) }
        guard state == .done else {
            let error = JSONError(.unexpectedEnd, at: base)
            failure = error
            throw error
        }
    }

    /// Prepares for the next document, with offsets from 0 again. Keeps the storage.
    package mutating func reset() {
        base = 0
        state = .value
        failure = nil
        containers.reset(paths)
        matches.reset()
        text.end()
        member = JSONMemberPosition()
        openMeasures = 0
        topLevel = nil
        contentStart = nil
        topLevelIsEmpty = true
    }

    /// Records the kind of the document. `offset` is that of its first byte.
    mutating func beginDocument(_ byte: UInt8, at offset: Int) {
        switch byte {
        case ASCII.openingBrace:
            topLevel = .object
            contentStart = offset + 1
        case ASCII.openingBracket:
            topLevel = .array
            contentStart = offset + 1
        case ASCII.quote: topLevel = .string
        case UInt8(ascii: "t"): topLevel = .true
        case UInt8(ascii: "f"): topLevel = .false
        case UInt8(ascii: "n"): topLevel = .null
        default: topLevel = .number
        }
    }

    /// Records that the innermost container has content.
    @inline(__always)
    mutating func noteContent() {
        if containers.depth == 1 { topLevelIsEmpty = false }
    }

    /// Throws if no further container can open.
    @inline(__always)
    func checkDepth(at index: Int) throws(JSONError) {
        guard containers.depth < depthLimit else { throw JSONError(.tooDeep, at: base + index) }
    }
}
