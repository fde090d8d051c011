import Testing

@testable import HTTP1

@Suite struct RequestHeadTests {
    @Test func readsAllOfAHead() throws {
        let text =
            "POST /v1/files?after=a?b HTTP/1.1\r\nHost: example.org:8080\r\nX-Empty:\r\nx-Blank: \t \r\n"
            + "Authorization:\t Bearer sk \t\r\nX-Utf: é\tü\r\nContent-Length: 12\r\n\r\n"
        let outcome = readRequest(text + "body")
        let seen = try #require(outcome.seen)
        #expect(seen.line == ["POST", "/v1/files?after=a?b", "/v1/files", "after=a?b", "http11"])
        #expect(
            seen.fields == [
                ["Host", "example.org:8080"], ["X-Empty", ""], ["x-Blank", ""], ["Authorization", "Bearer sk"],
                ["X-Utf", "é\tü"], ["Content-Length", "12"],
            ])
        #expect(seen.framing == .length(12))
        #expect(seen.keepAlive)
        #expect(!seen.expectsContinue)
        #expect(seen.block == Array(text.utf8))
        #expect(outcome == .head(seen, consumed: text.utf8.count))
    }

    @Test(arguments: [
        ("GET  / HTTP/1.1", HTTP1Error.invalidRequestLine), (" GET / HTTP/1.1", .invalidMethod),
        ("GET\t/ HTTP/1.1", .invalidMethod), ("G(T / HTTP/1.1", .invalidMethod), ("GÉT / HTTP/1.1", .invalidMethod),
        ("GET", .invalidRequestLine), ("GET /", .invalidRequestLine), ("GET / ", .invalidRequestLine),
        ("GET / x HTTP/1.1", .invalidRequestLine), ("GET /a b HTTP/1.1", .invalidRequestLine),
        ("GET / HTTP/1.1 ", .invalidRequestLine), ("GET / HTTP/1.10", .invalidRequestLine),
        ("GET / http/1.1", .invalidRequestLine), ("GET / HTTP/1,1", .invalidRequestLine),
        ("GET / HTTP/11", .invalidRequestLine), ("GET / HTTPS/1.1", .invalidRequestLine),
        ("GET / HTTP/2.0", .unsupportedVersion), ("GET / HTTP/0.9", .unsupportedVersion),
        ("PRI * HTTP/2.0", .unsupportedVersion),
        ("GET /\u{1} HTTP/1.1", .invalidTarget), ("GET /é HTTP/1.1", .invalidTarget),
        ("GET /\u{7F} HTTP/1.1", .invalidTarget), ("GET /\t HTTP/1.1", .invalidTarget),
        ("GET /\u{0} HTTP/1.1", .invalidTarget), ("GET /a#b HTTP/1.1", .invalidTarget),
        ("GET /a\\b HTTP/1.1", .invalidTarget),
    ])
    func refusesRequestLines(line: String, error: HTTP1Error) {
        #expect(readRequest(request(line: line)).error == error)
    }

    @Test(arguments: [
        "GET / HTTP/1.1\nhost: a\r\n\r\n", "GET / HTTP/1.1\rhost: a\r\n\r\n", "GET / HTTP/1.1\r\nhost: a\n\r\n",
        "GET / HTTP/1.1\r\nhost: a\r\r\n\r\n", "GET / HTTP/1.1\r\nhost: a\rb\r\n\r\n",
        "\nGET / HTTP/1.1\r\nhost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: a\r\n\n", "GET / HTTP/1.1\r\nhost: a\r\n\rx", "GET / HTTP/1.1\r\nhost\n: a\r\n\r\n",
        "\rGET / HTTP/1.1\r\nhost: a\r\n\r\n", "GET / HTTP/1.1\n\n",
    ])
    func refusesBareLineEnds(text: String) {
        #expect(readRequest(text).error == .invalidLineEnding)
    }

    @Test(arguments: [1, 2, 16])
    func takesEmptyLinesBeforeTheRequest(count: Int) {
        let text = request()
        let lines = String(repeating: "\r\n", count: count)
        let expected = Outcome.head(readRequest(text).seen!, consumed: text.utf8.count + 2 * count)
        #expect(readRequest(lines + text) == expected)
        #expect(readRequest((lines + text).utf8.map { [$0] }) == expected)
    }

    @Test func emptyLinesAreCounted() {
        let lines = String(repeating: "\r\n", count: 17)
        #expect(readRequest(lines + request()).error == .invalidRequestLine)
        #expect(readRequest((lines + request()).utf8.map { [$0] }).error == .invalidRequestLine)
        #expect(readRequest("\r\n\n" + request()).error == .invalidLineEnding)
        #expect(readRequest("\r\n\r" + request()).error == .invalidLineEnding)
    }

    /// RFC 9110, section 2.5: as the highest version that is known.
    @Test func higherMinorVersionsAreProcessed() {
        #expect(readRequest(request(line: "GET / HTTP/1.2")).seen?.line.last == "http11")
        #expect(readRequest(request(line: "GET / HTTP/1.9", host: "")).error == .missingHost)
        #expect(readResponse(response("content-length: 1", line: "HTTP/1.7 200 x")).seen?.keepAlive == true)
    }

    @Test func takesEmptyLinesBeforeEachRequest() throws {
        let bytes = Array((String(repeating: "\r\n", count: 9) + request()).utf8)
        var reader = RequestHeadReader(limit: 1000)
        for _ in 0..<3 {
            guard case .complete(_, let consumed) = try reader.read(bytes) else { throw HTTP1Error.unexpectedEnd }
            #expect(consumed == bytes.count)
        }
    }

    @Test func hostIsNeededOnceAndValid() {
        #expect(readRequest(request(host: "")).error == .missingHost)
        #expect(readRequest(request(line: "GET / HTTP/1.0", host: "")).seen?.keepAlive == false)
        #expect(readRequest(request("Host: a")).error == .repeatedHost)
        #expect(readRequest(request("Host: a", line: "GET / HTTP/1.0")).error == .repeatedHost)
        #expect(readRequest(request(host: "host:\r\n")).error == .invalidHost)
        #expect(readRequest(request(host: "host: a b\r\n")).error == .invalidHost)
        #expect(readRequest(request(host: "host: a,b\r\n")).error == .invalidHost)
        #expect(readRequest(request(line: "GET / HTTP/1.0", host: "host: user@a\r\n")).error == .invalidHost)
    }

    @Test(arguments: [
        ("content-length: 0", BodyFraming.length(0)), ("content-length: 0012", .length(12)),
        ("content-length: 00000000000000000000000000000000005", .length(5)),
        ("CONTENT-LENGTH: 9223372036854775807", .length(UInt64(Int64.max))), ("transfer-encoding: chunked", .chunked),
        ("Transfer-Encoding: CHUNKED", .chunked), ("x: y", .none),
    ])
    func framing(field: String, framing: BodyFraming) {
        #expect(readRequest(request(field)).seen?.framing == framing)
    }

    @Test(arguments: [
        ("content-length: 5\r\ntransfer-encoding: chunked", HTTP1Error.conflictingFraming),
        ("transfer-encoding: chunked\r\ncontent-length: 0", .conflictingFraming),
        ("content-length: 5\r\ncontent-length: 5", .repeatedContentLength),
        ("content-length: 5\r\ncontent-length: 6", .repeatedContentLength),
        ("content-length: 5, 5", .invalidContentLength), ("content-length: 5,6", .invalidContentLength),
        ("content-length: +5", .invalidContentLength), ("content-length: -5", .invalidContentLength),
        ("content-length:", .invalidContentLength), ("content-length: 5 5", .invalidContentLength),
        ("content-length: 0x5", .invalidContentLength), ("content-length: 5a", .invalidContentLength),
        ("content-length: 5.0", .invalidContentLength), ("content-length: \"5\"", .invalidContentLength),
        ("content-length: 9223372036854775808", .invalidContentLength),
        ("content-length: 18446744073709551616", .invalidContentLength),
        ("content-length: 99999999999999999999", .invalidContentLength),
        ("content-length: 92233720368547758070", .invalidContentLength),
        ("transfer-encoding: gzip, chunked", .unsupportedTransferCoding),
        ("transfer-encoding: gzip\r\ntransfer-encoding: chunked", .unsupportedTransferCoding),
        ("transfer-encoding: x;a=\"b,c\", chunked", .unsupportedTransferCoding),
        ("transfer-encoding: chunked, chunked", .invalidTransferCoding),
        ("transfer-encoding: chunked\r\ntransfer-encoding: chunked", .invalidTransferCoding),
        ("transfer-encoding: chunked, gzip", .invalidTransferCoding),
        ("transfer-encoding: gzip", .invalidTransferCoding), ("transfer-encoding: identity", .invalidTransferCoding),
        ("transfer-encoding: xchunked", .invalidTransferCoding), ("transfer-encoding:", .invalidTransferCoding),
        ("transfer-encoding: chunked,", .invalidTransferCoding),
        ("transfer-encoding: , chunked", .invalidTransferCoding),
        ("transfer-encoding: chunked;q=1", .invalidTransferCoding),
        ("transfer-encoding: \"chunked\"", .invalidTransferCoding),
        ("transfer-encoding: chunked x", .invalidTransferCoding),
        ("transfer-encoding: \u{B}chunked", .invalidHeaderValue),
        ("transfer-encoding : chunked", .whitespaceBeforeColon),
        ("transfer-encoding\u{B}: chunked", .invalidHeaderName),
    ])
    func refusesFraming(fields: String, error: HTTP1Error) {
        #expect(readRequest(request(fields)).error == error)
    }

    @Test func transferCodingInHTTP10IsRefused() {
        let text = request("transfer-encoding: chunked", line: "POST / HTTP/1.0")
        #expect(readRequest(text).error == .transferCodingInHTTP10)
    }

    @Test(arguments: [
        ("HTTP/1.1", "x: y", true), ("HTTP/1.1", "connection: close", false),
        ("HTTP/1.1", "connection: x, CLOSE", false),
        ("HTTP/1.1", "connection: keep-alive", true), ("HTTP/1.1", "connection: keep-alive, close", false),
        ("HTTP/1.1", "connection: x\r\nconnection: close", false), ("HTTP/1.1", "connection: closed", true),
        ("HTTP/1.0", "x: y", false), ("HTTP/1.0", "connection: Keep-Alive", true),
        ("HTTP/1.0", "connection: keep-alive, close", false), ("HTTP/1.0", "connection: x", false),
    ])
    func keepAlive(version: String, field: String, keepAlive: Bool) {
        #expect(readRequest(request(field, line: "GET / \(version)")).seen?.keepAlive == keepAlive)
    }

    @Test func expectations() {
        let length = "content-length: 5"
        #expect(readRequest(request("expect: 100-Continue", length)).seen?.expectsContinue == true)
        #expect(
            readRequest(request("expect: 100-continue", "transfer-encoding: chunked")).seen?.expectsContinue == true)
        #expect(readRequest(request("expect: 100-continue")).seen?.expectsContinue == false)
        #expect(readRequest(request("expect: 100-continue", "content-length: 0")).seen?.expectsContinue == false)
        let old = request("expect: 100-continue", length, line: "POST / HTTP/1.0")
        #expect(readRequest(old).seen?.expectsContinue == false)
        for list in ["100-continue, 100-continue", ", 100-Continue,", "100-continue\r\nexpect: 100-continue"] {
            #expect(readRequest(request("expect: \(list)", length)).seen?.expectsContinue == true)
        }
        #expect(readRequest(request("expect:", length)).seen?.expectsContinue == false)
        for other in ["200-ok", "100-continue;x", "100-continue, y", "\"100-continue\""] {
            #expect(readRequest(request("expect: \(other)", length)).error == .unsupportedExpectation)
        }
    }

    @Test func pipelinedHeadsAreReadInOrder() throws {
        let first = request("content-length: 3")
        let second = request(line: "GET /second HTTP/1.1")
        let bytes = Array((first + "abc\r\n" + second).utf8)
        var reader = RequestHeadReader(limit: 1000)
        #expect(reader.isEmpty)
        guard case .complete(_, let consumed) = try reader.read(bytes.span) else { throw HTTP1Error.unexpectedEnd }
        #expect(consumed == first.utf8.count)
        #expect(reader.isEmpty)
        let rest = Array(bytes[(consumed + 3)...])
        guard case .complete(let head, let end) = try reader.read(rest.span) else { throw HTTP1Error.unexpectedEnd }
        #expect(head.fields.equals(head.path, "/second"))
        #expect(end == rest.count)
    }

    @Test func isEmptyUntilAByteOfAHeadComes() throws {
        var reader = RequestHeadReader(limit: 1000)
        for byte in Array("\r\n".utf8) {
            guard case .needsMore = try reader.read([byte]) else { throw HTTP1Error.unexpectedEnd }
            #expect(reader.isEmpty)
        }
        guard case .needsMore = try reader.read([]) else { throw HTTP1Error.unexpectedEnd }
        #expect(reader.isEmpty)
        guard case .needsMore = try reader.read([UInt8(ascii: "G")]) else { throw HTTP1Error.unexpectedEnd }
        #expect(!reader.isEmpty)
    }
}
