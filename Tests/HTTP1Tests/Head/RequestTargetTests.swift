import Testing

@testable import HTTP1

@Suite struct RequestTargetTests {
    @Test(arguments: [
        ("/", "/", "nil"), ("/?", "/", ""),
        ("/v1/models/nvidia%2Fllama?a=[b]&c={d}|e", "/v1/models/nvidia%2Fllama", "a=[b]&c={d}|e"),
        ("//a/../b", "//a/../b", "nil"), ("/%zz", "/%zz", "nil"), ("http://a/b?c", "/b", "c"), ("HTTP://a", "/", "nil"),
        ("https://A?q", "/", "q"), ("http://a/", "/", "nil"),
    ])
    func takenApart(target: String, path: String, query: String) {
        let seen = readRequest(request(line: "GET \(target) HTTP/1.1")).seen
        #expect(seen?.line == ["GET", target, path, query, "http11"])
    }

    @Test(arguments: [
        "*", "a", "a/b", "?q", "http:/a", "http://", "http:///b", "http://u@a/", "http://a:b/", "ftp://a/",
        "http://a:99999/",
        "a:443", "http://?q", "http://a,b/",
    ])
    func refused(target: String) {
        #expect(readRequest(request(line: "GET \(target) HTTP/1.1")).error == .invalidTarget)
    }

    @Test func asteriskIsForOptionsAlone() {
        #expect(readRequest(request(line: "OPTIONS * HTTP/1.1")).seen?.line[2] == "*")
        #expect(readRequest(request(line: "options * HTTP/1.1")).error == .invalidTarget)
        #expect(readRequest(request(line: "OPTIONS ** HTTP/1.1")).error == .invalidTarget)
        #expect(readRequest(request(line: "OPTIONS /a HTTP/1.1")).seen?.line[2] == "/a")
    }

    @Test func connectIsNotSupported() {
        #expect(readRequest(request(line: "CONNECT a:443 HTTP/1.1")).error == .connectUnsupported)
        #expect(readRequest(request(line: "CONNECT / HTTP/1.1")).error == .connectUnsupported)
    }

    @Test func absoluteTargetAndHostMustAgree() {
        #expect(readRequest(request(line: "GET http://b/ HTTP/1.1")).error == .invalidHost)
        #expect(readRequest(request(line: "GET http://a:80/ HTTP/1.1")).error == .invalidHost)
        #expect(readRequest(request(line: "GET http://B/ HTTP/1.0", host: "")).seen?.line[2] == "/")
    }

    @Test(arguments: [
        ("a", true), ("A.b-c_d~e", true), ("a:0", true), ("a:65535", true), ("127.0.0.1:80", true), ("[::1]", true),
        ("[::1]:8080", true), ("[::ffff:1.2.3.4]", true), ("", false), (":80", false), ("a:", false),
        ("a:65536", false),
        ("a:000080", false), ("a:8x", false), ("a:80:80", false), ("[::1", false), ("[]", false), ("[::1]x", false),
        ("[::1%25eth0]", false), ("::1", false), ("a b", false), ("a/b", false), ("a@b", false), ("a,b", false),
        ("é", false), ("a%20b", false), ("a?b", false), ("[v1.x]", false),
    ])
    func hosts(host: String, valid: Bool) {
        let bytes = Array(host.utf8)
        #expect(HostSyntax.isValid(bytes.span, 0..<bytes.count) == valid)
    }
}
