import Bytes

/// Reads multipart/form-data (RFC 7578, RFC 2046, 5.1) as it passes, in pieces of any size, and notes which fields
/// there are and where their contents stand.
///
/// Strict where readers differ: heads have CR LF, a name once and nothing obsolete; nothing may look like a delimiter
/// but delimiters. What is held is bounded by the limits; contents are passed over.
package struct MultipartScanner: Sendable {
    private enum State: Sendable {
        case preamble
        /// Behind a boundary: the line's end, or the first hyphen of the closing delimiter.
        case behindBoundary
        case behindBoundaryReturn
        case closingHyphen
        /// Behind the closing delimiter: nothing, or CR LF and an epilogue.
        case behindEnd
        case behindEndReturn
        case head
        case content
        case epilogue
    }

    /// CR LF, two hyphens, the boundary. A CR stands nowhere else in it, so that where a match fails the next can only
    /// begin with the byte that failed.
    private let delimiter: [UInt8]
    private let valueLimit: Int
    private let partLimit: Int
    private let headLimit: Int

    private var state = State.preamble
    private var failure: MultipartError?
    /// The offset of the first byte of the piece that is being scanned.
    private var base = 0
    /// How much of the delimiter stands before the next byte.
    private var matched = 2
    /// The CR LF of the match belongs to the line before: to the start of the body, a head, or the closing delimiter.
    private var isLineEndBefore = true
    private var headBytes: [UInt8] = []
    private var head: MultipartHead?
    private var contentStart = 0
    private var value: [UInt8]?
    private var isFirstFile = false
    private var sawFile = false

    /// The parts that are complete, in the body's order.
    package private(set) var parts: [MultipartPart] = []

    /// - Parameters:
    ///   - boundary: From the content type, see `boundary(ofContentType:)`; not empty.
    ///   - valueLimit: The most bytes that are kept of a part without a file name; a longer one has no value.
    ///   - partLimit: The most parts.
    ///   - headLimit: The most bytes of one part's head.
    package init(
        boundary: [UInt8], valueLimit: Int = 1024, partLimit: Int = 256, headLimit: Int = 8192
    ) {
        precondition(!boundary.isEmpty, "a boundary has at least one character")
        delimiter = [ASCII.carriageReturn, ASCII.lineFeed, ASCII.hyphen, ASCII.hyphen] + boundary
        self.valueLimit = valueLimit
        self.partLimit = partLimit
        self.headLimit = headLimit
    }

    /// Takes the next piece of the body, of any size, and passes on to `firstFile` what of it belongs to the first part with a file
    /// name.
    ///
    /// - Throws: What is wrong with it, and again at every later call.
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

    /// The body ends here.
    ///
    /// - Throws: `MultipartError.Kind.missingClosingDelimiter`, or what `scan` threw.
    package mutating func finish() throws(MultipartError) {
        if let failure { throw failure }
        guard state == .behindEnd || state == .epilogue else {
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
                if findDelimiter(bytes, &index, firstFile) { try endContent(at: index) }
            case .head:
                try scanHead(bytes, &index)
            default:
                try takeDelimiterByte(bytes[index], at: index)
                index += 1
            }
        }
    }

    // MARK: Delimiters

    /// Passes over content up to behind the next delimiter.
    ///
    /// - Returns: Whether there is one in these bytes, all of which are else taken in.
    private mutating func findDelimiter(
        _ bytes: Span<UInt8>, _ index: inout Int, _ firstFile: (Span<UInt8>) -> Void
    ) -> Bool {
        let delimiter = delimiter
        while index < bytes.count {
            if matched == 0 {
                let start = index
                index = bytes.index(of: ASCII.carriageReturn, from: start)
                pass(bytes.extracting(start..<index), firstFile)
                guard index < bytes.count else { return false }
            }
            while index < bytes.count, matched < delimiter.count, bytes[index] == delimiter[matched] {
                matched += 1
                index += 1
            }
            if matched == delimiter.count { return true }
            guard index < bytes.count else { return false }
            // It was content after all.
            pass(delimiter.span.extracting((isLineEndBefore ? 2 : 0)..<matched), firstFile)
            // The byte that failed may be a CR, the only one that a match begins with.
            if bytes[index] != ASCII.carriageReturn {
                pass(bytes.extracting(index..<index + 1), firstFile)
                index += 1
            }
            matched = 0
            isLineEndBefore = false
        }
        return false
    }

    /// A delimiter's boundary ends before `index`.
    private mutating func endContent(at index: Int) throws(MultipartError) {
        switch state {
        case .content:
            // A part without content has its own CR LF before the delimiter; without it some would read on.
            guard !isLineEndBefore, let head else { throw MultipartError(.invalidDelimiter, at: base + index) }
            parts.append(
                MultipartPart(
                    name: head.name, fileName: head.fileName, contentType: head.contentType,
                    range: contentStart..<base + index - delimiter.count, value: value))
            value = nil
            isFirstFile = false
            self.head = nil
        case .epilogue:
            throw MultipartError(.delimiterBehindEnd, at: base + index)
        default:
            break
        }
        state = .behindBoundary
    }

    private mutating func takeDelimiterByte(_ byte: UInt8, at index: Int) throws(MultipartError) {
        switch (state, byte) {
        case (.behindBoundary, ASCII.carriageReturn):
            state = .behindBoundaryReturn
        case (.behindBoundary, ASCII.hyphen):
            state = .closingHyphen
        case (.behindBoundaryReturn, ASCII.lineFeed):
            guard parts.count < partLimit else { throw MultipartError(.tooManyParts, at: base + index) }
            headBytes.removeAll(keepingCapacity: true)
            state = .head
        case (.closingHyphen, ASCII.hyphen):
            state = .behindEnd
        case (.behindEnd, ASCII.carriageReturn):
            state = .behindEndReturn
        case (.behindEndReturn, ASCII.lineFeed):
            beginSearch(.epilogue)
        default:
            throw MultipartError(.invalidDelimiter, at: base + index)
        }
    }

    /// A line has ended: a delimiter may follow at once.
    private mutating func beginSearch(_ next: State) {
        state = next
        matched = 2
        isLineEndBefore = true
    }

    // MARK: Heads and contents

    /// Gathers the head, a line or what there is of it at a time.
    private mutating func scanHead(_ bytes: Span<UInt8>, _ index: inout Int) throws(MultipartError) {
        let lineFeed = bytes.index(of: ASCII.lineFeed, from: index)
        let end = min(lineFeed + 1, bytes.count)
        guard headBytes.count + (end - index) <= headLimit else {
            throw MultipartError(.headTooLarge, at: base + index + headLimit - headBytes.count)
        }
        headBytes.append(index..<end, of: bytes)
        index = end
        let count = headBytes.count
        // The empty line: CR LF at the very start or behind another.
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

    /// Content passes.
    @inline(__always)
    private mutating func pass(_ content: Span<UInt8>, _ firstFile: (Span<UInt8>) -> Void) {
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
