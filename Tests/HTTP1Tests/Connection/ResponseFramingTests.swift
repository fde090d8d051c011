import Testing

@testable import HTTP1

@Suite struct ResponseFramingTests {
    /// One row of the decision: every status of a class, every method, both versions, both lengths.
    struct Row: Sendable, CustomTestStringConvertible {
        let statuses: [Int]
        let isHEAD: Bool
        let version: HTTPVersion
        let length: ResponseLength
        let framing: ResponseFraming

        init(
            _ statuses: [Int], _ isHEAD: Bool, _ version: HTTPVersion, _ length: ResponseLength,
            _ framing: ResponseFraming
        ) {
            self.statuses = statuses
            self.isHEAD = isHEAD
            self.version = version
            self.length = length
            self.framing = framing
        }

        var testDescription: String { "\(statuses[0]) \(isHEAD ? "HEAD" : "GET") \(version) \(length)" }
    }

    private static let final = [200, 201, 202, 206, 301, 400, 404, 429, 500, 503, 599, 999]
    private static let bare = [100, 103, 204]
    static let table: [Row] = [
        Row(final, false, .http11, .exact(7), .sized(7)),
        Row(final, false, .http11, .exact(0), .sized(0)),
        Row(final, false, .http11, .unknown, .chunked),
        Row(final, false, .http10, .exact(7), .sized(7)),
        Row(final, false, .http10, .exact(0), .sized(0)),
        Row(final, false, .http10, .unknown, .untilClose),
        Row(final, true, .http11, .exact(7), .bodiless(statedLength: 7)),
        Row(final, true, .http11, .exact(0), .bodiless(statedLength: 0)),
        Row(final, true, .http11, .unknown, .bodiless(statedLength: nil)),
        Row(final, true, .http10, .exact(7), .bodiless(statedLength: 7)),
        Row(final, true, .http10, .unknown, .bodiless(statedLength: nil)),
        Row([304], false, .http11, .exact(7), .bodiless(statedLength: 7)),
        Row([304], false, .http11, .unknown, .bodiless(statedLength: nil)),
        Row([304], false, .http10, .exact(7), .bodiless(statedLength: 7)),
        Row([304], false, .http10, .unknown, .bodiless(statedLength: nil)),
        Row([304], true, .http11, .exact(7), .bodiless(statedLength: 7)),
        Row([304], true, .http10, .unknown, .bodiless(statedLength: nil)),
        Row(bare, false, .http11, .exact(7), .bodiless(statedLength: nil)),
        Row(bare, false, .http11, .unknown, .bodiless(statedLength: nil)),
        Row(bare, false, .http10, .exact(7), .bodiless(statedLength: nil)),
        Row(bare, false, .http10, .unknown, .bodiless(statedLength: nil)),
        Row(bare, true, .http11, .exact(7), .bodiless(statedLength: nil)),
        Row(bare, true, .http10, .unknown, .bodiless(statedLength: nil)),
    ]

    @Test(arguments: table) func theDecisionFollowsTheTable(row: Row) {
        for status in row.statuses {
            let framing = ResponseFraming(
                row.length, status: status, answeringHEAD: row.isHEAD, version: row.version)
            #expect(framing == row.framing, "\(status)")
        }
    }

    /// The other side reads what this side decided: the client's rules (RFC 9112, section 6.3) find the same body.
    @Test(arguments: table) func theOtherSideFindsTheSameFraming(row: Row) throws {
        for status in row.statuses where status >= 200 {
            let framing = ResponseFraming(
                row.length, status: status, answeringHEAD: row.isHEAD, version: row.version)
            var writer = HeadWriter()
            writer.status(status)
            ResponseStart(framing: framing, persistence: .byDefault).writeFields(to: &writer)
            writer.end()
            let head = try responseHead(String(decoding: writer.bytes, as: UTF8.self), answeringHEAD: row.isHEAD)
            switch framing {
            case .bodiless: #expect(head.framing == .none, "\(status)")
            case .sized(let length): #expect(head.framing == .length(UInt64(length)), "\(status)")
            case .chunked: #expect(head.framing == .chunked, "\(status)")
            case .untilClose: #expect(head.framing == .untilClose, "\(status)")
            }
        }
    }

    @Test(arguments: [
        (ResponseStart.Persistence.byDefault, ""), (.keepAlive, "connection: keep-alive\r\n"),
        (.close, "connection: close\r\n"),
    ]) func persistenceIsWrittenAfterTheFraming(persistence: ResponseStart.Persistence, field: String) {
        var writer = HeadWriter()
        ResponseStart(framing: .sized(5), persistence: persistence).writeFields(to: &writer)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "content-length: 5\r\n" + field)
    }

    @Test func aLengthThatIsMissingOrNegativeIsUnknown() {
        #expect(ResponseLength(nil) == .unknown)
        #expect(ResponseLength(-1) == .unknown)
        #expect(ResponseLength(0) == .exact(0))
        #expect(ResponseLength(Int.max) == .exact(Int.max))
        #expect(ResponseFraming(.exact(-1), status: 200, answeringHEAD: false, version: .http11) == .chunked)
    }
}
