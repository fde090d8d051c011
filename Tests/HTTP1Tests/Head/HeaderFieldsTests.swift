import Testing

@testable import HTTP1

@Suite struct HeaderFieldsTests {
    private let head: RequestHead
    private var fields: HeaderFields { head.fields }

    init() throws {
        head = try requestHead(
            request(
                "X-Thing: One", "x-thing: Two", "Accept: text/html;q=1, Text/Event-Stream ; q=\"a,b\" , */*",
                "x-empty:",
                "accept: image/png", "x-list: \"a, gzip\", b\\,c"))
    }

    @Test func lookUpIgnoresCase() throws {
        #expect(fields.first("x-thing").map(fields.string) == "One")
        #expect(fields.first(configured: Array("x-thing".utf8)).map(fields.string) == "One")
        #expect(fields.first(configured: Array("x-thin_".utf8)) == nil)
        #expect(fields.values("x-thing").map(fields.string) == ["One", "Two"])
        #expect(fields.contains("x-empty"))
        #expect(fields.first("x-empty").map(fields.string) == "")
        #expect(fields.first("x-thin") == nil)
        #expect(fields.values("x-things").isEmpty)
        #expect(!fields.contains("thing"))
        #expect(fields.isNamed(fields[1], "x-thing"))
        #expect(!fields.isNamed(fields[1], "x-thin"))
        #expect(fields.count == 7)
    }

    @Test func singleFieldsComeOnce() throws {
        #expect(try fields.single("x-empty").map(fields.string) == "")
        #expect(try fields.single("x-absent") == nil)
        #expect(throws: HTTP1Error.repeatedField) { try fields.single("x-thing") }
        let equal = try requestHead(request("content-type: a/b", "Content-Type: a/b")).fields
        #expect(throws: HTTP1Error.repeatedField) { try equal.single("content-type") }
    }

    @Test func tokensOfLists() {
        #expect(fields.hasToken("text/event-stream", in: "accept"))
        #expect(fields.hasToken("image/png", in: "accept"))
        #expect(fields.hasToken("*/*", in: "accept"))
        #expect(!fields.hasToken("b\"", in: "accept"))
        #expect(!fields.hasToken("text", in: "accept"))
        #expect(!fields.hasToken("gzip", in: "x-list"))
        #expect(!fields.hasToken("gzip", in: "absent"))
        #expect(!HeaderFields.empty.hasToken("a", in: "b"))
    }

    @Test func comparing() throws {
        let value = try #require(fields.first("x-thing"))
        #expect(fields.equals(value, "one"))
        #expect(!fields.equals(value, "on"))
        #expect(!fields.equals(value, "ones"))
        #expect(fields.hasPrefix(value, "on"))
        #expect(fields.hasPrefix(value, "one"))
        #expect(!fields.hasPrefix(value, "ones"))
        #expect(fields.equals(head.path, "/v1/files"))
    }

    @Test func bytesOfARange() throws {
        let value = try #require(fields.first("x-thing"))
        var output = [UInt8(ascii: "=")]
        fields.append(value, to: &output)
        #expect(output == Array("=One".utf8))
        #expect(fields.withSpan(value) { $0.count } == 3)
    }

    @Test func namesOfLettersOnlyAreComparedWithoutCase() throws {
        // '[' and '{', '@' and '`' differ by the bit that tells the cases of letters apart.
        let head = try requestHead(request("a`b: 1", "a^b: 2"))
        #expect(head.fields.first("a`b").map(head.fields.string) == "1")
        #expect(head.fields.first("a~b") == nil)
        #expect(!head.fields.equals(head.fields[1].name, "a@b"))
    }

    @Test(arguments: [
        ("connection", true), ("Keep-Alive", true), ("proxy-authorization", true), ("Proxy-Connection", true),
        ("TE", true),
        ("trailer", true), ("upgrade", true), ("x-named", true), ("X-Second", true), ("x-other", false),
        ("content-type", false), ("content-length", false), ("host", false), ("tea", false), ("trailers", false),
        ("proxy", false), ("authorization", false), ("expect", false),
    ])
    func hopByHop(name: String, expected: Bool) throws {
        let value = ["connection": "x", "content-length": "1", "host": "a", "expect": "100-continue"][name] ?? "v"
        let text =
            "GET / HTTP/1.1\r\nConnection: close, X-Named\r\nconnection: x-second;a=b,,\r\n"
            + (name == "host" ? "" : "host: a\r\n") + "\(name): \(value)\r\n\r\n"
        let fields = try requestHead(text).fields
        let field = try #require((0..<fields.count).map { fields[$0] }.last)
        #expect(fields.isHopByHop(field) == expected)
    }

    /// What is judged cannot be removed (RFC 9110, section 7.6.1).
    @Test(arguments: [
        "content-type", "Content-Encoding", "content-made-up", "authorization", "x-api-key", "range",
        "content-length", "host", "expect", "idempotency-key", "set-cookie", "retry-after",
    ])
    func connectionOptionsRemoveNoEndToEndField(name: String) throws {
        let value = ["content-length": "1", "expect": "100-continue"][name] ?? "v"
        let fields = try requestHead(
            request(
                "connection: \(name), x-own", name == "host" ? "x: y" : "\(name): \(value)", "x-own: z",
                "connection: \(name.uppercased());a")
        ).fields
        for index in 0..<fields.count where fields.equals(fields[index].name, "x-own") {
            #expect(fields.isHopByHop(fields[index]))
        }
        let lowercased = name.lowercased()
        for index in 0..<fields.count where fields.string(fields[index].name).lowercased() == lowercased {
            #expect(!fields.isHopByHop(fields[index]))
        }
    }

    @Test func transferEncodingIsHopByHop() throws {
        let fields = try requestHead(request("transfer-encoding: chunked")).fields
        #expect(fields.isHopByHop(fields[1]))
        #expect(!fields.isHopByHop(fields[0]))
    }
}
