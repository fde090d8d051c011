import Bytes

/// Reads JSON as it passes, in pieces of any size, strictly by RFC 8259, and notes where the watched values stand.
///
/// One pass, no recursion, no tree: what is held is fixed by the watch list and the depth limit, whatever the document.
/// No allocation for a key or a value; `reset()` keeps all storage, so a scanner kept for a stream allocates once.
///
/// The files: this one holds the state and how a document begins and ends; `+Structure` the grammar of containers,
/// `+Strings` and `+Numbers` the tokens, `+Texts` what is kept of them, `+Matching` the paths, `+Findings` the results.
package struct JSONScanner: ~Copyable {
    /// What the next byte belongs to.
    enum State: Sendable {
        /// A value has to begin.
        case value
        /// Behind `[`: a value or the end.
        case valueOrEnd
        /// Behind a comma in an object: a key.
        case key
        /// Behind `{`: a key or the end.
        case keyOrEnd
        case colon
        case commaOrEnd
        /// Behind the document.
        case done
        case string
        /// In a character of several bytes that the last piece cut.
        case character
        /// Behind a backslash.
        case escape
        /// In the four digits of `\u`.
        case codeUnit
        /// Behind a high surrogate: the low one may follow.
        case highSurrogate
        /// Behind a high surrogate and a backslash.
        case escapeBehindHighSurrogate
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

    let list: JSONPathSet
    let depthLimit: Int

    /// The offset of the first byte of the piece that is being scanned.
    var base = 0
    var state = State.value
    var failure: JSONError?

    // Containers.

    var depth = 0
    var isInObject = false
    /// A bit a depth: whether the container that opened there is an object.
    var objectBits = InlineArray<4, UInt64>(repeating: 0)
    /// What is known of the outermost `tracked` containers, the only ones in which something can match.
    var frames: [Frame]
    var tracked = 0
    /// Of the innermost container: watches that each element takes a step further.
    var elementMask: UInt64
    /// Of the innermost container: a key in it can match.
    var wantsKeys = false
    /// Of the innermost container: its elements or members are counted.
    var countsElements = false

    // The current token.

    var isKey = false
    /// Where the token begins: a string's opening quote.
    var tokenStart = 0
    /// The decoded token is wanted: what precedes `runStart` is in `held`, the rest still in the piece.
    var keepsText = false
    var runStart = 0
    var held: [UInt8]
    var isHeld = false
    var heldLimit = 0
    /// How many bytes shorter the string is decoded.
    var shrinkage = 0
    /// How many of its decoded bytes are not the first of a scalar.
    var continuations = 0
    var codeUnit: UInt32 = 0
    var codeUnitDigits = 0
    var highSurrogate: UInt32 = 0
    /// Of a character of several bytes: how many are missing, and the range of the next one.
    var missingBytes = 0
    var nextByteLow: UInt8 = 0x80
    var nextByteHigh: UInt8 = 0xBF
    var literalKind = JSONKind.null
    var literalIndex = 0

    // Matches.

    /// Watches whose path the current value is on.
    var valueMask: UInt64
    /// Watches whose path ends with the current value.
    var matched: UInt64 = 0
    /// The key of the current member, or -1 in an array and at the top level.
    var memberStart = -1
    /// The comma before the current member, or -1 for the first.
    var memberComma = -1
    /// `.textLength` watches in whose value the scanner is.
    var openMeasures: UInt64 = 0
    /// Watches that found the first member of an object, the comma behind it still to come.
    var awaitingComma: UInt64 = 0
    /// Watches with anything in their slots.
    var touched: UInt64 = 0
    /// Watches that have a finding.
    var foundMask: UInt64 = 0
    var slots: [Slot]
    /// The captured texts.
    var texts: [UInt8] = []

    /// What the document is; nil until its first byte.
    package private(set) var topLevel: JSONKind?
    /// Where the content of a top-level object or array begins: the place to insert members.
    package private(set) var contentStart: Int?
    /// The top-level object or array has no member or element, as far as it was seen.
    package private(set) var topLevelIsEmpty = true

    /// - Parameters:
    ///   - list: What to look out for.
    ///   - depthLimit: How many objects and arrays may be open at once; 1 to 256.
    package init(_ list: JSONPathSet, depthLimit: Int = 256) {
        precondition((1...256).contains(depthLimit))
        self.list = list
        self.depthLimit = depthLimit
        frames = list.emptyFrames
        slots = list.emptySlots
        held = []
        elementMask = list.all
        valueMask = list.all
    }

    /// Takes the next piece of the document, of any size.
    ///
    /// - Throws: What is wrong with it, and again at every later call until `reset()`.
    package mutating func scan(_ bytes: Span<UInt8>) throws(JSONError) {
        if let failure { throw failure }
        do {
            try run(bytes)
        } catch {
            failure = error
            throw error
        }
        if keepsText { holdRest(of: bytes) }
        base += bytes.count
    }

    /// The document ends here.
    ///
    /// - Throws: `JSONError.Kind.unexpectedEnd` where it cannot, or what `scan` threw.
    package mutating func finish() throws(JSONError) {
        if let failure { throw failure }
        // Only the end of the input ends a number that is the whole document.
        if depth == 0, numberCanEnd { endNumber(Span(), at: 0) }
        guard state == .done else {
            let error = JSONError(.unexpectedEnd, at: base)
            failure = error
            throw error
        }
    }

    /// Ready for the next document, offsets from 0 again. The storage is kept.
    package mutating func reset() {
        base = 0
        state = .value
        failure = nil
        depth = 0
        isInObject = false
        tracked = 0
        elementMask = list.all
        wantsKeys = false
        countsElements = false
        endToken()
        memberStart = -1
        memberComma = -1
        openMeasures = 0
        awaitingComma = 0
        while touched != 0 {
            slots[touched.trailingZeroBitCount] = Slot()
            touched &= touched &- 1
        }
        foundMask = 0
        texts.removeAll(keepingCapacity: true)
        topLevel = nil
        contentStart = nil
        topLevelIsEmpty = true
    }

    /// Notes what the document is. `offset` is that of its first byte.
    mutating func beginDocument(_ byte: UInt8, at offset: Int) {
        switch byte {
        case ASCII.openingBrace:
            topLevel = .object
            contentStart = offset + 1
        case ASCII.openingBracket:
            topLevel = .array
            contentStart = offset + 1
        case ASCII.quote: topLevel = .string
        case 0x74: topLevel = .true
        case 0x66: topLevel = .false
        case 0x6E: topLevel = .null
        default: topLevel = .number
        }
    }

    /// The top-level container has content.
    @inline(__always)
    mutating func noteContent() {
        if depth == 1 { topLevelIsEmpty = false }
    }
}
