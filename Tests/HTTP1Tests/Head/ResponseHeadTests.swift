import Testing

@testable import HTTP1

@Suite struct ResponseHeadTests {
    @Test(arguments: [
        ("HTTP/1.1 200 OK", 200), ("HTTP/1.1 200 ", 200), ("HTTP/1.1 200", 200), ("HTTP/1.1 999 Odd\tbut é", 999),
        ("HTTP/1.0 404 Not Found", 404), ("HTTP/1.1 101 Switching Protocols", 101),
    ])
    func statusLines(line: String, status: Int) {
        #expect(readResponse(response(line: line)).seen?.line.first == "\(status)")
    }

    @Test(arguments: [
        ("HTTP/1.1 99 x", HTTP1Error.invalidStatusLine), ("HTTP/1.1 099 x", .invalidStatusLine),
        ("HTTP/1.1 1000 x", .invalidStatusLine), ("HTTP/1.1 2x0 x", .invalidStatusLine),
        ("HTTP/1.1  200 x", .invalidStatusLine), ("HTTP/1.1 +20 x", .invalidStatusLine),
        ("HTTP/1.1", .invalidStatusLine), ("HTTP/1.1 ", .invalidStatusLine), ("http/1.1 200 x", .invalidStatusLine),
        ("HTTP/1.1 200\tx", .invalidStatusLine), ("HTTP/1.1 200 a\u{0}b", .invalidStatusLine),
        ("HTTP/1.1 200-x", .invalidStatusLine), ("HTTP/2.0 200 x", .unsupportedVersion),
        ("HTTP/1.1 200 a\rb", .invalidLineEnding), ("HTTP/1.1 200 a\nb", .invalidLineEnding),
        ("\r\nHTTP/1.1 200 OK", .invalidStatusLine), ("ICY 200 OK", .invalidStatusLine),
    ])
    func refusesStatusLines(line: String, error: HTTP1Error) {
        #expect(readResponse(response(line: line)).error == error)
    }

    @Test(arguments: [
        (200, "content-length: 5", false, BodyFraming.length(5)), (200, "content-length: 5", true, .none),
        (200, "transfer-encoding: chunked", false, .chunked), (200, "transfer-encoding: chunked", true, .none),
        (200, "x: y", false, .untilClose), (200, "x: y", true, .none), (204, "x: y", false, .none),
        (204, "content-length: 0", false, .none), (304, "content-length: 5", false, .none),
        (304, "transfer-encoding: chunked", false, .none), (101, "upgrade: websocket", false, .none),
        (404, "content-length: 0", false, .length(0)), (205, "content-length: 0", false, .length(0)),
    ])
    func framing(status: Int, field: String, head: Bool, framing: BodyFraming) {
        let text = response(field, line: "HTTP/1.1 \(status) x")
        #expect(readResponse(text, answeringHEAD: head).seen?.framing == framing)
    }

    @Test(arguments: [
        (204, "content-length: x", HTTP1Error.invalidContentLength),
        (200, "content-length: 5\r\ntransfer-encoding: chunked", .conflictingFraming),
        (200, "content-length: 5\r\ncontent-length: 5", .repeatedContentLength),
        (200, "content-length: 5, 5", .invalidContentLength), (304, "content-length: x", .invalidContentLength),
        (200, "transfer-encoding: gzip, chunked", .unsupportedTransferCoding),
        (200, "transfer-encoding: gzip", .invalidTransferCoding),
    ])
    func refusesFraming(status: Int, fields: String, error: HTTP1Error) {
        #expect(readResponse(response(fields, line: "HTTP/1.1 \(status) x")).error == error)
    }

    /// RFC 9112, section 6.3, rule 1. The connection is not used again: the announced body may come all the same.
    @Test(arguments: [204, 101], ["content-length: 5", "transfer-encoding: chunked"])
    func bodiesThatCannotBeAreIgnored(status: Int, field: String) {
        let seen = readResponse(response(field, line: "HTTP/1.1 \(status) x")).seen
        #expect(seen?.framing == BodyFraming.none)
        #expect(seen?.keepAlive == false)
    }

    @Test func bodiesOfInterimResponsesAreNotRead() {
        let interim = response("content-length: 5", line: "HTTP/1.1 103 x")
        let final = response("content-length: 2")
        #expect(readResponse(interim + final).seen == readResponse(final).seen)
        #expect(readResponse(interim + "hello" + final).error == .invalidStatusLine)
    }

    @Test func transferCodingInHTTP10IsRefused() {
        let text = response("transfer-encoding: chunked", line: "HTTP/1.0 200 OK")
        #expect(readResponse(text).error == .transferCodingInHTTP10)
    }

    @Test(arguments: [
        ("HTTP/1.1 200 x", "content-length: 5", true),
        ("HTTP/1.1 200 x", "content-length: 5\r\nconnection: close", false),
        ("HTTP/1.1 200 x", "x: y", false), ("HTTP/1.1 204 x", "x: y", true), ("HTTP/1.0 204 x", "x: y", false),
        ("HTTP/1.0 200 x", "connection: keep-alive\r\ncontent-length: 5", true),
        ("HTTP/1.0 200 x", "connection: keep-alive", false), ("HTTP/1.1 101 x", "connection: upgrade", false),
    ])
    func keepAlive(line: String, fields: String, keepAlive: Bool) {
        #expect(readResponse(response(fields, line: line)).seen?.keepAlive == keepAlive)
    }

    @Test func interimHeadsAreSkipped() {
        let interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"
        let final = response("content-length: 2")
        let outcome = readResponse(interim + final + "{}")
        #expect(outcome == .head(readResponse(final).seen!, consumed: (interim + final).utf8.count))
        #expect(readResponse(interim) == .needsMore)
    }

    @Test func interimHeadsAreCounted() {
        let interim = "HTTP/1.1 100 Continue\r\n\r\n"
        let final = response("content-length: 2")
        #expect(readResponse(String(repeating: interim, count: 8) + final).seen != nil)
        #expect(readResponse(String(repeating: interim, count: 9) + final).error == .tooManyInterimResponses)
    }

    @Test func isEmptyUntilAnyByteComes() throws {
        var reader = ResponseHeadReader(limit: 1000, answeringHEAD: false)
        #expect(reader.isEmpty)
        _ = try reader.read("HTTP/1.1 100 Continue\r\n\r\n")
        #expect(!reader.isEmpty)
        _ = try reader.read(response())
        #expect(reader.isEmpty)
        _ = try reader.read("H")
        #expect(!reader.isEmpty)
    }
}
