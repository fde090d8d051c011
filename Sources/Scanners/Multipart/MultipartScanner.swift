import Bytes

/// Reads multipart/form-data (RFC 7578; RFC 2046, section 5.1) in pieces of any size, and records its fields and the places of their
/// contents.
///
/// It is strict where parsers differ: heads have CR LF, one name and nothing obsolete, and only delimiters can look like delimiters.
/// Memory is bounded by the limits, since contents are not kept.
package struct MultipartScanner: Sendable {
    private enum State: Sendable {
        case preamble
        /// After a boundary: the line's end, or the first hyphen of the closing delimiter.
        case afterBoundary
        case afterBoundaryReturn
        case closingHyphen
        /// After the closing delimiter: the end, or CR LF and an epilogue.
        case afterEnd
        case afterEndReturn
        case head
        case content
        case epilogue
    }

    /// CR LF, two hyphens and the boundary. It has only one line end, so after a failed match the next one can only begin with the
    /// byte that failed.
    private let delimiter: [UInt8]
    private let valueLimit: Int
    private let partLimit: Int
    private let headLimit: Int

    private var state = State.preamble
    private var failure: MultipartError?
    /// The offset of the first byte of the present piece.
    private var base = 0
    /// The bytes of the delimiter that directly precede the next byte.
    private var matched = 2
    /// True if the CR LF of the match belongs to the start of the body, a head, or the closing delimiter, and not to content.
    private var isLineEndBefore = true
    /// The line end of the match where it is not the CR LF of a delimiter: a lone CR or LF.
    private var loneLineEnd: UInt8?
    private var headBytes: [UInt8] = []
    private var head: MultipartHead?
    private var contentStart = 0
    private var value: [UInt8]?
    private var isFirstFile = false
    private var sawFile = false

    /// The complete parts, in the order of the body.
    package private(set) var parts: [MultipartPart] = []
    /// The offset of the first delimiter's hyphens, to insert a part; nil until it was read.
    package private(set) var firstDelimiter: Int?

    /// - Parameters:
    ///   - boundary: the boundary from the content type, see `boundary(ofContentType:)`. Not empty.
    ///   - valueLimit: the most bytes that are kept of a part without a file name. A longer one has no value.
    ///   - partLimit: the most parts.
    ///   - headLimit: the most bytes of one part's head.
    package init(
        boundary: [UInt8], valueLimit: Int = 1024, partLimit: Int = 256, headLimit: Int = 8192
    ) {
        precondition(!boundary.isEmpty, "a boundary has at least one character")
        delimiter = [ASCII.carriageReturn, ASCII.lineFeed, ASCII.hyphen, ASCII.hyphen] + boundary
        self.valueLimit = valueLimit
        self.partLimit = partLimit
        self.headLimit = headLimit
    }

    /// Reads the next piece of the body, of any size.
    ///
    /// - Parameter firstFile: called with the bytes of the piece that belong to the first part with a file name.
    /// - Throws: the fault of the body. Every later call throws it again.
    package mutating func scan(_ bytes: Span<UInt8>, firstFile: (Span<UInt8>) -> Void = { _ in }) throws(MultipartError)
    {
        if let failure { throw failure }
        do {
            try run(bytes, firstFile)
        } catch {
            failure = error
            throw error
        }
        base += bytes.count
    }

    /// Ends the body.
    ///
    /// - Throws: `MultipartError.Kind.missingClosingDelimiter`, or the error that `scan` threw.
    package mutating func finish() throws(MultipartError) {
        if let failure { throw failure }
        guard state == .afterEnd || state == .epilogue else {
            let error = MultipartError(.missingClosingDelimiter, at: base)
            failure = error
            throw error
        }
    }

    private mutating func run(_ bytes: Span<UInt8>, _ firstFile: (Span<UInt8>) -> Void) throws(MultipartError) {
        var index = 0
        while index < bytes.count {
            switch state {
            case .preamble, .content, .epilogue:
                if try findDelimiter(bytes, &index, firstFile) { try endContent(at: index) }
            case .head:
                try scanHead(bytes, &index)
            default:
                try scanDelimiterLine(bytes[index], at: index)
                index += 1
            }
        }
    }

    // MARK: Delimiters

    /// Reads content up to the end of the next delimiter.
    ///
    /// - Returns: false if there is no delimiter in these bytes, which are all read then.
    /// - Throws: `invalidDelimiter` for a delimiter after a lone CR or LF. Lenient parsers end the part there.
    private mutating func findDelimiter(
        _ bytes: Span<UInt8>, _ index: inout Int, _ firstFile: (Span<UInt8>) -> Void
    ) throws(MultipartError) -> Bool {
        let delimiter = delimiter
        while index < bytes.count {
            if matched == 0 {
                let start = index
                index = bytes.indexOfLineEnd(from: start)
                process(bytes.extracting(start..<index), firstFile)
                guard index < bytes.count else { return false }
                beginMatch(bytes[index])
                index += 1
            }
            while index < bytes.count, matched < delimiter.count, continuesMatch(bytes[index], delimiter[matched]) {
                matched += 1
                index += 1
            }
            if matched == delimiter.count {
                guard loneLineEnd == nil else { throw MultipartError(.invalidDelimiter, at: base + index) }
                return true
            }
            guard index < bytes.count else { return false }
            failMatch(firstFile)
            // The byte that failed can be a line end, which begins a new match.
            if bytes[index] != ASCII.carriageReturn, bytes[index] != ASCII.lineFeed {
                process(bytes.extracting(index..<index + 1), firstFile)
                index += 1
            }
        }
        return false
    }

    /// Begins a match with the first byte of a line end. After a lone LF the hyphens are due.
    private mutating func beginMatch(_ lineEnd: UInt8) {
        let isLineFeed = lineEnd == ASCII.lineFeed
        loneLineEnd = isLineFeed ? lineEnd : nil
        matched = isLineFeed ? 2 : 1
    }

    /// Returns true if `byte` continues the match, where `expected` is due. A hyphen after a CR does: the LF is left out.
    private mutating func continuesMatch(_ byte: UInt8, _ expected: UInt8) -> Bool {
        if byte == expected { return true }
        guard matched == 1, byte == ASCII.hyphen else { return false }
        loneLineEnd = ASCII.carriageReturn
        matched = 2
        return true
    }

    /// Ends a match that failed: its bytes are content.
    private mutating func failMatch(_ firstFile: (Span<UInt8>) -> Void) {
        let delimiter = delimiter
        if let loneLineEnd {
            process([loneLineEnd].span, firstFile)
            process(delimiter.span.extracting(2..<matched), firstFile)
        } else {
            process(delimiter.span.extracting((isLineEndBefore ? 2 : 0)..<matched), firstFile)
        }
        matched = 0
        loneLineEnd = nil
        isLineEndBefore = false
    }

    /// Ends a content at the delimiter whose boundary ends before `index`.
    private mutating func endContent(at index: Int) throws(MultipartError) {
        switch state {
        case .content:
            // An empty content too needs a CR LF before the delimiter. Without it, some parsers read on.
            guard !isLineEndBefore, let head else { throw MultipartError(.invalidDelimiter, at: base + index) }
            parts.append(
                MultipartPart(
                    name: head.name, fileName: head.fileName, contentType: head.contentType,
                    range: contentStart..<base + index - delimiter.count, value: value))
            value = nil
            isFirstFile = false
            self.head = nil
        case .epilogue:
            throw MultipartError(.delimiterAfterEnd, at: base + index)
        default:
            firstDelimiter = base + index - (delimiter.count - 2)
        }
        state = .afterBoundary
    }

    /// Reads one byte of a delimiter's line after the boundary.
    private mutating func scanDelimiterLine(_ byte: UInt8, at index: Int) throws(MultipartError) {
        switch (state, byte) {
        case (.afterBoundary, ASCII.carriageReturn):
            state = .afterBoundaryReturn
        case (.afterBoundary, ASCII.hyphen):
            state = .closingHyphen
        case (.afterBoundaryReturn, ASCII.lineFeed):
            guard parts.count < partLimit else { throw MultipartError(.tooManyParts, at: base + index) }
            headBytes.removeAll(keepingCapacity: true)
            state = .head
        case (.closingHyphen, ASCII.hyphen):
            state = .afterEnd
        case (.afterEnd, ASCII.carriageReturn):
            state = .afterEndReturn
        case (.afterEndReturn, ASCII.lineFeed):
            beginSearch(.epilogue)
        default:
            throw MultipartError(.invalidDelimiter, at: base + index)
        }
    }

    /// Begins the search for a delimiter after the end of a line.
    private mutating func beginSearch(_ next: State) {
        state = next
        matched = 2
        loneLineEnd = nil
        isLineEndBefore = true
    }

    // MARK: Heads and contents

    /// Gathers the bytes of a head, up to a line at a time.
    private mutating func scanHead(_ bytes: Span<UInt8>, _ index: inout Int) throws(MultipartError) {
        let lineFeed = bytes.index(of: ASCII.lineFeed, from: index)
        let end = min(lineFeed + 1, bytes.count)
        guard headBytes.count + (end - index) <= headLimit else {
            throw MultipartError(.headTooLarge, at: base + index + headLimit - headBytes.count)
        }
        headBytes.append(index..<end, of: bytes)
        index = end
        let count = headBytes.count
        // The empty line: a CR LF at the start or after another one.
        guard lineFeed < bytes.count, count >= 2, headBytes[count - 2] == ASCII.carriageReturn,
            count == 2 || count >= 4 && headBytes[count - 3] == ASCII.lineFeed
        else { return }
        do throws(MultipartError.Kind) {
            head = try MultipartHead(headBytes.span.extracting(0..<count - 2))
        } catch {
            throw MultipartError(error, at: base + index)
        }
        contentStart = base + index
        value = head?.fileName == nil ? [] : nil
        isFirstFile = value == nil && !sawFile
        sawFile = sawFile || isFirstFile
        beginSearch(.content)
    }

    /// Processes content: the bytes of the first file, or of a value.
    @inline(__always)
    private mutating func process(_ content: Span<UInt8>, _ firstFile: (Span<UInt8>) -> Void) {
        guard state == .content, value != nil || isFirstFile else { return }
        if isFirstFile { firstFile(content) }
        keep(content)
    }

    private mutating func keep(_ content: Span<UInt8>) {
        if let count = value?.count {
            if count + content.count > valueLimit {
                value = nil
            } else {
                value?.append(0..<content.count, of: content)
            }
        }
    }
}
