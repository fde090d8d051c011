@testable import HTTP1

/// What came of a head: all that a caller can see of it, so that two ways of reading it can be compared.
enum Outcome: Equatable, Sendable {
    case needsMore
    case failed(HTTP1Error)
    /// `consumed` counts from the first byte of the first piece.
    case head(Seen, consumed: Int)

    struct Seen: Equatable, Sendable {
        var line: [String]
        var fields: [[String]]
        var framing: BodyFraming
        var keepAlive: Bool
        var expectsContinue = false
        var block: [UInt8]
    }

    var error: HTTP1Error? {
        if case .failed(let error) = self { error } else { nil }
    }

    var seen: Seen? {
        if case .head(let seen, _) = self { seen } else { nil }
    }
}

extension HeaderFields {
    /// Every field as name and value.
    var pairs: [[String]] {
        (0..<count).map { [string(self[$0].name), string(self[$0].value)] }
    }
}

extension RequestHead {
    var seen: Outcome.Seen {
        Outcome.Seen(
            line: [
                fields.string(method), fields.string(target), fields.string(path), query.map(fields.string) ?? "nil",
                "\(version)",
            ],
            fields: fields.pairs, framing: framing, keepAlive: keepAlive, expectsContinue: expectsContinue,
            block: fields.bytes)
    }
}

extension ResponseHead {
    var seen: Outcome.Seen {
        Outcome.Seen(
            line: ["\(status)", "\(version)"], fields: fields.pairs, framing: framing, keepAlive: keepAlive,
            block: fields.bytes)
    }
}

/// Reads one request head from `pieces`.
func readRequest(_ pieces: [[UInt8]], limit: Int = 4096) -> Outcome {
    var reader = RequestHeadReader(limit: limit)
    return read(pieces) { bytes throws(HTTP1Error) in
        switch try reader.read(bytes.span) {
        case .needsMore: nil
        case .complete(let head, let consumed): (head.seen, consumed)
        }
    }
}

func readRequest(_ text: String, limit: Int = 4096) -> Outcome {
    readRequest([Array(text.utf8)], limit: limit)
}

/// Reads one response head from `pieces`.
func readResponse(_ pieces: [[UInt8]], answeringHEAD: Bool = false, limit: Int = 4096) -> Outcome {
    var reader = ResponseHeadReader(limit: limit, answeringHEAD: answeringHEAD)
    return read(pieces) { bytes throws(HTTP1Error) in
        switch try reader.read(bytes.span) {
        case .needsMore: nil
        case .complete(let head, let consumed): (head.seen, consumed)
        }
    }
}

func readResponse(_ text: String, answeringHEAD: Bool = false, limit: Int = 4096) -> Outcome {
    readResponse([Array(text.utf8)], answeringHEAD: answeringHEAD, limit: limit)
}

private func read(
    _ pieces: [[UInt8]], _ read: ([UInt8]) throws(HTTP1Error) -> (Outcome.Seen, Int)?
) -> Outcome {
    var before = 0
    for piece in pieces {
        do throws(HTTP1Error) {
            if let (seen, consumed) = try read(piece) { return .head(seen, consumed: before + consumed) }
        } catch {
            return .failed(error)
        }
        before += piece.count
    }
    return .needsMore
}

/// A request with `fields` and a valid line and host.
func request(_ fields: String..., line: String = "POST /v1/files HTTP/1.1", host: String = "host: a\r\n") -> String {
    "\(line)\r\n\(host)\(fields.map { $0 + "\r\n" }.joined())\r\n"
}

/// A response with `fields`.
func response(_ fields: String..., line: String = "HTTP/1.1 200 OK") -> String {
    "\(line)\r\n\(fields.map { $0 + "\r\n" }.joined())\r\n"
}

/// A request's head, for tests of what is made of it.
func requestHead(_ text: String) throws -> RequestHead {
    var reader = RequestHeadReader(limit: 4096)
    guard case .complete(let head, _) = try reader.read(Array(text.utf8)) else { throw HTTP1Error.unexpectedEnd }
    return head
}

extension RequestHeadReader {
    /// A temporary array's span cannot be passed on.
    mutating func read(_ bytes: [UInt8]) throws(HTTP1Error) -> HeadProgress<RequestHead> {
        try read(bytes.span)
    }
}

extension ResponseHeadReader {
    mutating func read(_ text: String) throws(HTTP1Error) -> HeadProgress<ResponseHead> {
        let bytes = Array(text.utf8)
        return try read(bytes.span)
    }
}

/// A response's head, for tests of what is made of it.
func responseHead(_ text: String, answeringHEAD: Bool = false) throws -> ResponseHead {
    var reader = ResponseHeadReader(limit: 4096, answeringHEAD: answeringHEAD)
    guard case .complete(let head, _) = try reader.read(text) else { throw HTTP1Error.unexpectedEnd }
    return head
}
