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

    @Test func itHasOneTo70Characters() {
        let longest = String(repeating: "x", count: 70)
        #expect(boundary("multipart/form-data; boundary=\(longest)") == longest)
        #expect(boundary("multipart/form-data; boundary=\(longest)x") == nil)
    }
}
