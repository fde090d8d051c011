import Testing

@testable import Sandbox

@Suite struct SandboxErrorTests {
    private func object(_ error: SandboxError) -> Document {
        Document(Array(written { error.appendObject(to: &$0) }.utf8))["error"]
    }

    @Test(arguments: 400...599)
    func everyStatusHasAnError(_ status: Int) {
        let error = SandboxError.requested(status)
        #expect(error.status == status)
        #expect(object(error)["message"].string?.isEmpty == false)
        #expect(object(error)["type"].string?.hasSuffix("error") == true)
    }

    @Test(
        arguments: [
            (400, "invalid_request_error"), (401, "authentication_error"), (429, "rate_limit_error"),
            (500, "server_error"), (502, "server_error"), (503, "service_unavailable_error"),
            (418, "invalid_request_error"),
        ])
    func statusesHaveTypes(_ status: Int, _ type: String) {
        #expect(SandboxError.requested(status).type == type)
    }

    @Test func absentMembersAreNull() {
        let object = object(.unauthorized)
        #expect(object.has("param"))
        #expect(!object["param"].exists)
        #expect(!object["code"].exists)
    }

    @Test func messagesAreEscaped() {
        #expect(object(.invalid("a \"b\"\n"))["message"].string == "a \"b\"\n")
    }

    @Test func namesInMessagesAreBounded() {
        let error = SandboxError.unknownModel(String(repeating: "x", count: 10_000))
        #expect(error.message.count < 200)
    }
}
