import Bytes
import Fuzzing
import Scanners

/// Multipart bodies: any split has the same parts, which are where the scanner says.
///
/// A first line `multipart/…` is the content type; without one the boundary is `B`.
extension FuzzTarget {
    static let multipart = FuzzTarget("multipart") { data, count in
        examine(data, count) { input in
            var body = input
            var boundary: [UInt8] = [UInt8(ascii: "B")]
            if input.hasPrefixIgnoringCase(input.indices, "multipart/"), let end = input.firstIndex(of: 0x0A) {
                guard let stated = MultipartScanner.boundary(ofContentType: input.extracting(0..<end)) else { return }
                boundary = stated
                body = input.extracting(end + 1..<input.count)
                require((1...70).contains(boundary.count), "a boundary has 1 to 70 characters")
            }
            let whole = MultipartOutcome(boundary, [body.indices], body)
            let split = MultipartOutcome(boundary, Splits(body), body)
            require(whole == split, "a split body is read as the whole")
            if whole.failure == nil { whole.check(body, boundary) }
        }
    }
}

/// What a scanner made of a body.
private struct MultipartOutcome: Equatable {
    var failure: MultipartError?
    var parts: [MultipartPart]
    var firstFile: [UInt8] = []

    init(_ boundary: [UInt8], _ pieces: some Sequence<Range<Int>>, _ body: Span<UInt8>) {
        var scanner = MultipartScanner(boundary: boundary, valueLimit: 20, partLimit: 4, headLimit: 120)
        var firstFile: [UInt8] = []
        do throws(MultipartError) {
            for piece in pieces {
                try scanner.scan(body.extracting(piece)) { firstFile += $0.array }
            }
            try scanner.finish()
        } catch {
            failure = error
        }
        self.firstFile = firstFile
        parts = failure == nil ? scanner.parts : []
    }

    /// Checks that each part stands between two delimiters, and that its value is the body's.
    func check(_ body: Span<UInt8>, _ boundary: [UInt8]) {
        let delimiter = Array("\r\n--".utf8) + boundary
        for part in parts {
            let end = part.range.upperBound
            require(end + delimiter.count <= body.count, "a part is followed by a delimiter")
            require(
                body.extracting(end..<end + delimiter.count).array == delimiter, "a part is followed by a delimiter")
            let content = body.extracting(part.range).array
            if let value = part.value { require(value == content, "a value is the part's content") }
            require(part.value == nil || part.fileName == nil, "a file has no value")
        }
        if let file = parts.first(where: { $0.fileName != nil }) {
            require(body.extracting(file.range).array == firstFile, "the first file is the part's content")
        }
    }
}
