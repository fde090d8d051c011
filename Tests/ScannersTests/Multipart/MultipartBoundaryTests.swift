import Testing

@testable import Scanners

@Suite struct MultipartBoundaryTests {
    private func boundary(_ value: String) -> String? {
        let bytes = Array(value.utf8)
        return MultipartScanner.boundary(ofContentType: bytes.span).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func whatClientsSend() {
        #expect(boundary("multipart/form-data; boundary=3f1d8b2c") == "3f1d8b2c")
        #expect(
            boundary("multipart/form-data; boundary=------------------------d74496d66958873e")
                == "------------------------d74496d66958873e")
        #expect(boundary("multipart/form-data; boundary=----formdata-undici-05314") == "----formdata-undici-05314")
        #expect(boundary("Multipart/Form-Data;Boundary=\"a b:c\"") == "a b:c")
        #expect(boundary("multipart/form-data; charset=utf-8; boundary=x;") == "x")
        #expect(boundary("multipart/form-data ; boundary=----=_Part_1.2") == "----=_Part_1.2")
        #expect(boundary("multipart/form-data; boundary=x; foo=\"a\\\"b\"") == "x")
    }

    @Test(arguments: [
        "", "multipart/form-data", "multipart/form-data; boundary", "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"\"", "multipart/mixed; boundary=x", "application/json",
        "multipart/form-data; boundary=a; boundary=b", "multipart/form-data; boundary=\"a",
        "multipart/form-data; boundary=\"a \"", "multipart/form-data; boundary=\"a\\b\"",
        "multipart/form-data; boundary=a b", "multipart/form-data; boundary=a\"b", "multipart/form-data boundary=a",
        "multipart/form-data; boundary=a,b", "multipart/form-data; boundary=é", "multipart/form-data; =a",
        "multipart/form-data; boundary=\"a\"b", "multipart/form-data; boundary =a",
        "multipart/form-data; boundary=\"\\",
    ])
    func whatIsNoBoundary(value: String) {
        #expect(boundary(value) == nil)
    }

    /// What parsers read differently (RFC 2231, RFC 9110, section 5.6.6).
    @Test(arguments: [
        "boundary=A; boundary*=utf-8''BB", "boundary*=utf-8''BB; boundary=A", "boundary*=utf-8''BB",
        "boundary*0=A; boundary*1=B", "boundary=A; boundary*0=B", "BOUNDARY*0*=A; boundary=A", "boundary=A; Boundary=A",
        "boundary=A; foo=1; foo=2", "boundary=A; foo=1; FOO=1", "boundary=A; foo*=utf-8''x", "boundary=A; foo*0=x",
        "boundary=A; foo=\"a\\b\"", "boundary=A; foo=\"\\;boundary=B\"", "boundary=A; charset=utf-16",
        "boundary=A; charset=utf-7", "charset=iso-8859-1; boundary=A", "boundary=A; charset", "boundary=A;charset=",
    ])
    func whatIsReadDifferently(parameters: String) {
        #expect(boundary("multipart/form-data; \(parameters)") == nil)
    }

    @Test func itHasOneTo70Characters() {
        let longest = String(repeating: "x", count: 70)
        #expect(boundary("multipart/form-data; boundary=\(longest)") == longest)
        #expect(boundary("multipart/form-data; boundary=\(longest)x") == nil)
    }
}
