import Bytes

@testable import HTTP1

/// What the readers make of all bytes of one direction of a connection, as the tables of fixtures write it.
///
/// Messages are separated by ` / `. A request is `METHOD target [body]`, a response `status [body]`. `close` follows
/// where the connection ends after the message, `continue` where the client waits for 100, and `switch` after 101. The
/// last item is `more` where a message is not complete, or the status and code of a fault.
enum WireVerdict {
    /// The verdict on the bytes that a client sends.
    static func onRequests(_ pieces: [[UInt8]]) -> String {
        var log = WireLog()
        var intake = RequestHeadReader(limit: 8192)
        log.run(pieces, fault: { "\($0.status) \($0.code)" }) { bytes, log throws(HTTP1Error) in
            guard case .complete(let head, let consumed) = try intake.read(bytes.span) else { return nil }
            let fields = head.fields
            let line = fields.escaped(head.method) + " " + fields.escaped(head.target)
            let suffix = (head.expectsContinue ? " continue" : "") + (head.keepAlive ? "" : " close")
            log.begin(line, head.framing, suffix: suffix, isLast: !head.keepAlive)
            return consumed
        }
        return log.text
    }

    /// The verdict on the bytes that the upstream sends before it closes. The client's response to a fault is 502.
    static func onResponses(_ pieces: [[UInt8]], answeringHEAD: Bool = false) -> String {
        var log = WireLog()
        var intake = ResponseHeadReader(limit: 8192, answeringHEAD: answeringHEAD)
        log.run(pieces, fault: { "502 \($0.code)" }) { bytes, log throws(HTTP1Error) in
            guard case .complete(let head, let consumed) = try intake.read(bytes.span) else { return nil }
            let isSwitch = head.status == 101
            let suffix = isSwitch ? " switch" : head.keepAlive ? "" : " close"
            log.begin("\(head.status)", head.framing, suffix: suffix, isLast: !head.keepAlive)
            return consumed
        }
        log.close()
        return log.text
    }
}

/// The messages of a connection so far.
private struct WireLog: ~Copyable {
    private var items: [String] = []
    private var head = ""
    private var suffix = ""
    private var body: [UInt8] = []
    private var reader: BodyReader?
    private var isLast = false
    private var hasEnded = false
    private var hasRest = false

    /// The items, and the state at the end of the input.
    var text: String { (items + (hasRest && !hasEnded ? ["more"] : [])).joined(separator: " / ") }

    mutating func begin(_ head: String, _ framing: BodyFraming, suffix: String, isLast: Bool) {
        self.head = head
        self.suffix = suffix
        self.isLast = isLast
        body = []
        reader = BodyReader(framing)
        hasRest = true
    }

    mutating func run(
        _ pieces: [[UInt8]], fault: (HTTP1Error) -> String,
        readHead: ([UInt8], inout WireLog) throws(HTTP1Error) -> Int?
    ) {
        for piece in pieces {
            do throws(HTTP1Error) { try read(piece, readHead) } catch {
                items.append(fault(error))
                hasEnded = true
            }
        }
    }

    private mutating func read(
        _ piece: [UInt8], _ readHead: ([UInt8], inout WireLog) throws(HTTP1Error) -> Int?
    ) throws(HTTP1Error) {
        var position = 0
        while !hasEnded {
            if reader == nil {
                guard position < piece.count else { return }
                hasRest = true
                guard let consumed = try readHead(Array(piece[position...]), &self) else { return }
                position += consumed
            }
            switch try reader!.next(piece.span, &position) {
            case .needsMore: return
            case .data(let range): body += piece[range]
            case .end: endMessage()
            }
        }
    }

    private mutating func endMessage() {
        items.append(head + (body.isEmpty ? "" : " [" + EscapedBytes.text(of: body) + "]") + suffix)
        reader = nil
        hasRest = false
        hasEnded = isLast
    }

    /// The peer closes: the end of a body that lasts until then.
    mutating func close() {
        guard !hasEnded, reader != nil else { return }
        do throws(HTTP1Error) {
            try reader!.endOfStream()
            endMessage()
        } catch { hasRest = true }
    }
}

extension HeaderFields {
    fileprivate func escaped(_ range: Range<Int>) -> String { EscapedBytes.text(of: Array(bytes[range])) }
}
