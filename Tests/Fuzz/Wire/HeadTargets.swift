import Bytes
import Fuzzing
import HTTP1

/// Heads: any split of the bytes is read as the whole, and what is accepted keeps what receivers rely on.
extension FuzzTarget {
    static let requestHeads = FuzzTarget("request-heads") { data, count in
        examineWithEnd(data, count) { bytes in
            let reader = RequestHeadReader(limit: HeadOutcome<RequestHead>.limit)
            let whole = HeadOutcome.read(reader, [bytes.indices], bytes)
            let split = HeadOutcome.read(reader, Splits(bytes), bytes)
            require(whole.isSame(as: split, compare: sameRequest), "a split request head is read as the whole")
            if case .complete(let head, let end) = whole { checkRequest(head, bytes, end) }
        }
    }

    static let responseHeads = FuzzTarget("response-heads") { data, count in
        examineWithEnd(data, count) { bytes in
            let splits = Splits(bytes)
            let reader = ResponseHeadReader(limit: HeadOutcome<ResponseHead>.limit, answeringHEAD: splits.coin)
            let whole = HeadOutcome.read(reader, [bytes.indices], bytes)
            let split = HeadOutcome.read(reader, splits, bytes)
            require(whole.isSame(as: split, compare: sameResponse), "a split response head is read as the whole")
            if case .complete(let head, _) = whole { checkResponse(head, splits.coin) }
        }
    }
}

extension FuzzTarget {
    /// Lends the input with an empty line after it. A fault in a line that came in parts shows at the line's end.
    static func examineWithEnd(_ data: UnsafePointer<UInt8>?, _ count: Int, _ body: (Span<UInt8>) -> Void) -> CInt {
        examine(data, count) { bytes in
            var ended: [UInt8] = []
            ended.reserveCapacity(count + 4)
            bytes.withUnsafeBufferPointer { ended.append(contentsOf: $0) }
            ended.append(contentsOf: [0x0D, 0x0A, 0x0D, 0x0A])
            body(ended.span)
        }
    }
}

/// The result of reading one head.
private enum HeadOutcome<Head: Sendable> {
    case incomplete
    case complete(Head, end: Int)
    case failed(HTTP1Error)

    /// The limit of a head, so low that inputs reach it.
    static var limit: Int { 300 }

    static func read<Reader: HeadReader>(
        _ reader: Reader, _ pieces: some Sequence<Range<Int>>, _ bytes: Span<UInt8>
    ) -> Self where Reader.Head == Head {
        var reader = reader
        for piece in pieces {
            do throws(HTTP1Error) {
                if case .complete(let head, let consumed) = try reader.read(bytes.extracting(piece)) {
                    return .complete(head, end: piece.lowerBound + consumed)
                }
            } catch {
                return .failed(error)
            }
        }
        return .incomplete
    }

    func isSame(as other: Self, compare: (Head, Head) -> Bool) -> Bool {
        switch (self, other) {
        case (.incomplete, .incomplete): true
        case (.failed(let one), .failed(let other)): one == other
        case (.complete(let one, let end), .complete(let other, let otherEnd)):
            end == otherEnd && compare(one, other)
        default: false
        }
    }
}

private func sameFields(_ one: HeaderFields, _ other: HeaderFields) -> Bool {
    one.bytes == other.bytes && one.count == other.count
        && (0..<one.count).allSatisfy { index in
            one[index].name == other[index].name && one[index].value == other[index].value
                && one.isHopByHop(one[index]) == other.isHopByHop(other[index])
        }
}

private func sameRequest(_ one: RequestHead, _ other: RequestHead) -> Bool {
    sameFields(one.fields, other.fields) && one.method == other.method && one.target == other.target
        && one.path == other.path && one.query == other.query && one.version == other.version
        && one.framing == other.framing && one.keepAlive == other.keepAlive
        && one.expectsContinue == other.expectsContinue
}

private func sameResponse(_ one: ResponseHead, _ other: ResponseHead) -> Bool {
    sameFields(one.fields, other.fields) && one.status == other.status && one.version == other.version
        && one.framing == other.framing && one.keepAlive == other.keepAlive
}

/// Checks an accepted head by other means than its parser: by searching its bytes.
private func checkRequest(_ head: RequestHead, _ bytes: Span<UInt8>, _ end: Int) {
    let text = head.fields.bytes
    require(end <= bytes.count && text.count <= HeadOutcome<RequestHead>.limit, "a head is within its limit")
    require(text.suffix(4).elementsEqual("\r\n\r\n".utf8), "a head ends with an empty line")
    require(text[head.method].allSatisfy { $0 > 0x20 && $0 < 0x7F }, "a method is visible")
    require(text[head.target].allSatisfy { $0 > 0x20 && $0 < 0x7F }, "a target is visible")
    require(text[head.path].first.map { $0 == 0x2F || $0 == 0x2A } == true, "a path begins with a slash")
    checkFields(head.fields)
    let lengths = head.fields.values("content-length").count
    let codings = head.fields.values("transfer-encoding").count
    switch head.framing {
    case .none: require(lengths == 0 && codings == 0, "a request without body states none")
    case .length: require(lengths == 1 && codings == 0, "a length stands once and alone")
    case .chunked: require(lengths == 0 && codings > 0, "a coding stands without a length")
    case .untilClose: require(false, "a request does not last until the close")
    }
    require(head.version == .http10 || head.fields.values("host").count == 1, "a request has one host")
}

private func checkResponse(_ head: ResponseHead, _ answersHEAD: Bool) {
    checkFields(head.fields)
    require(head.status == 101 || (200...999).contains(head.status), "a status is final or 101")
    if answersHEAD || [101, 204, 304].contains(head.status) {
        require(head.framing == .none, "a response that has no body is read without one")
    }
    if case .untilClose = head.framing { require(!head.keepAlive, "a body until the close ends its connection") }
    if case .length = head.framing {
        require(head.fields.values("content-length").count == 1, "a length stands once")
        require(!head.fields.contains("transfer-encoding"), "a length stands alone")
    }
}

private func checkFields(_ fields: HeaderFields) {
    for index in 0..<fields.count {
        let field = fields[index]
        let value = fields.bytes[field.value]
        require(!field.name.isEmpty, "a field has a name")
        require(value.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }, "a value has no control bytes")
        require(
            value.first != 0x20 && value.last != 0x20 && value.first != 0x09 && value.last != 0x09, "a value is trimmed"
        )
    }
}
