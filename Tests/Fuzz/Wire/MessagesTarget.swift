import Fuzzing
import HTTP1

/// Requests one after the other on a connection: any split has the same requests with the same bodies, up to the same fault.
extension FuzzTarget {
    static let messages = FuzzTarget("messages") { data, count in
        examineWithEnd(data, count) { bytes in
            var whole = Connection()
            whole.receive(bytes)
            var split = Connection()
            for piece in Splits(bytes) { split.receive(bytes.extracting(piece)) }
            require(whole.requests == split.requests, "a split connection has the same requests")
            require(whole.failure == split.failure, "a split connection has the same fault")
        }
    }
}

/// A connection that reads requests as a server does, and keeps what it read.
private struct Connection: ~Copyable {
    struct Request: Equatable {
        var head: [UInt8]
        var body: [UInt8] = []
        var isComplete = false
    }

    private(set) var requests: [Request] = []
    private(set) var failure: HTTP1Error?
    private var heads = RequestHeadReader(limit: 300)
    /// The body of the last request; complete between two requests.
    private var body = BodyReader(.none)

    mutating func receive(_ bytes: Span<UInt8>) {
        var position = 0
        do throws(HTTP1Error) {
            while failure == nil, position < bytes.count {
                if body.isComplete {
                    try readHead(bytes, &position)
                } else {
                    try readBody(bytes, &position)
                }
            }
        } catch {
            failure = error
        }
    }

    private mutating func readHead(_ bytes: Span<UInt8>, _ position: inout Int) throws(HTTP1Error) {
        guard case .complete(let head, let consumed) = try heads.read(bytes.extracting(position..<bytes.count)) else {
            position = bytes.count
            return
        }
        require(consumed > 0 && heads.isEmpty, "a head has bytes, and the next one has none yet")
        position += consumed
        requests.append(Request(head: head.fields.bytes))
        body = BodyReader(head.framing, trailerLimit: 100)
        requests[requests.count - 1].isComplete = body.isComplete
    }

    private mutating func readBody(_ bytes: Span<UInt8>, _ position: inout Int) throws(HTTP1Error) {
        let last = requests.count - 1
        switch try body.next(bytes, &position) {
        case .needsMore: require(position == bytes.count, "a reader that needs more has used everything")
        case .data(let range): for index in range { requests[last].body.append(bytes[index]) }
        case .end: break
        }
        requests[last].isComplete = body.isComplete
    }
}
