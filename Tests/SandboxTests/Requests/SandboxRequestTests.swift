import Testing

@testable import Sandbox

@Suite struct SandboxRequestTests {
    @Test(
        arguments: [
            ("/a", "/a", nil), ("/a?", "/a", ""), ("/a?b=c", "/a", "b=c"), ("/a?b?c", "/a", "b?c"), ("?b", "", "b"),
            ("", "", nil),
        ] as [(String, String, String?)])
    func aTargetIsPathAndQuery(_ target: String, _ path: String, _ query: String?) {
        let request = SandboxRequest(method: "GET", target: target)
        #expect(request.path == path)
        #expect(request.query == query)
    }

    @Test func headersAreRead() {
        let request = SandboxRequest(
            method: "GET", target: "/",
            headers: ["authorization": "Bearer k", "content-type": "text/plain", "accept-encoding": "br, gzip"])
        #expect(request.authorization == "Bearer k")
        #expect(request.contentType == "text/plain")
        #expect(request.acceptsGzip)
        #expect(request.webSocketKey == nil)
    }

    @Test func absentHeadersAreNil() {
        let request = SandboxRequest(method: "GET", target: "/")
        #expect(request.authorization == nil)
        #expect(request.contentType == nil)
        #expect(!request.acceptsGzip)
    }
}

@Suite struct MultipartFormTests {
    private func form(_ fields: [String: String], file: [UInt8]?, fileFirst: Bool = false) throws -> MultipartForm {
        try MultipartForm(upload("/v1/files", fields, file: file, fileFirst: fileFirst))
    }

    @Test(arguments: [true, false])
    func fieldsAndFileAreFound(_ fileFirst: Bool) throws {
        let form = try form(["purpose": "batch", "model": "m"], file: [1, 2, 3], fileFirst: fileFirst)
        #expect(form.value("purpose") == "batch")
        #expect(form.value("model") == "m")
        #expect(form.file?.fileName == "a.bin")
        #expect(form.file?.range.count == 3)
    }

    @Test func absentPartsAreNil() throws {
        let form = try form([:], file: nil)
        #expect(form.file == nil)
        #expect(form.value("purpose") == nil)
    }

    @Test func aFileIsNoField() throws {
        #expect(try form([:], file: [65]).value("file") == nil)
    }

    @Test(arguments: ["", "application/json", "multipart/form-data", "multipart/form-data; boundary="])
    func aBoundaryIsRequired(_ type: String) {
        var request = upload("/v1/files", [:], file: [1])
        request.contentType = type
        #expect(throws: SandboxError.self) { try MultipartForm(request) }
    }

    @Test func anUnfinishedFormIsRefused() {
        var request = upload("/v1/files", ["a": "b"], file: [1])
        request.body.removeLast(6)
        #expect(throws: SandboxError.self) { try MultipartForm(request) }
    }
}
