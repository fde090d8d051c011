import Foundation
import Testing

@testable import Sandbox

@Suite struct ImagesTests {
    let upstream = SandboxUpstream()

    private func respond(_ more: String = "", model: String = "sandbox") -> SandboxResponse {
        upstream.respond(to: request("/v1/images/generations", #"{"model":"\#(model)","prompt":"x"\#(more)}"#))
    }

    private func image(_ response: SandboxResponse, _ index: Int = 0) throws -> [UInt8] {
        Array(try #require(Data(base64Encoded: Document(response)["data"][index]["b64_json"].string ?? "")))
    }

    @Test func anImageIsAPNGFile() throws {
        let response = respond(#","size":"20x10""#, model: "z-image:16b")
        #expect(response.header("content-type") == "application/json")
        #expect(try image(response) == PNGImage.encode(width: 20, height: 10, atLeast: 0))
    }

    @Test(arguments: ["", #","size":"auto""#, #","size":null"#])
    func anImageIsSmallByDefault(_ size: String) throws {
        #expect(try image(respond(size)) == PNGImage.encode(width: 64, height: 64, atLeast: 0))
    }

    @Test func theSizeIsThatOfEachFile() throws {
        let response = respond(#","n":2"#, model: "sandbox:size=5000")
        #expect(try image(response, 0).count == 5000)
        #expect(try image(response, 1).count == 5000)
    }

    @Test(arguments: [1, 3, 10])
    func imagesAreCounted(_ count: Int) {
        #expect(Document(respond(#","n":\#(count)"#))["data"].count == count)
        #expect(upstream.total.images == count)
    }

    @Test(
        arguments: [
            (#","n":0"#, "n"), (#","n":11"#, "n"), (#","size":"20""#, "size"), (#","size":"0x5""#, "size"),
            (#","size":"2049x5""#, "size"), (#","size":"5x5x5""#, "size"), (#","size":"x""#, "size"),
            (#","size":"99999999999999999999x1""#, "size"),
        ])
    func invalidRequestsAreRefused(_ more: String, _ param: String) {
        let response = respond(more)
        #expect(response.status == 400)
        #expect(Document(response)["error"]["param"].string == param)
    }

    @Test func aPromptIsRequired() {
        let response = upstream.respond(to: request("/v1/images/generations", #"{"model":"sandbox"}"#))
        #expect(Document(response)["error"]["param"].string == "prompt")
    }

    @Test func allImagesTogetherAreBounded() {
        #expect(respond(#","n":3"#, model: "sandbox:size=100MiB").status == 400)
        #expect(upstream.totals.isEmpty)
    }
}
