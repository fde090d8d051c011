import Testing

@testable import Sandbox

@Suite struct ModelsTests {
    let upstream = SandboxUpstream()

    private func get(_ path: String) -> SandboxResponse { upstream.respond(to: request(path, method: "GET")) }

    @Test func theListHasEveryModelOnce() {
        let ids = Document(get("/v1/models"))["data"].elements.compactMap { $0["id"].string }
        #expect(ids == SandboxModel.all.map(\.id))
        #expect(Set(ids).count == ids.count)
    }

    @Test(arguments: SandboxModel.all.map(\.id))
    func everyModelIsShown(_ id: String) {
        let path = "/v1/models/" + id.replacing("/", with: "%2F")
        let model = Document(get(path))
        #expect(model["id"].string == id)
        #expect(model["object"].string == "model")
        #expect(model["max_model_len"].int == SandboxModel.named(id)?.contextTokens)
        #expect(model["permission"].count == 1)
    }

    @Test func slashesNeedNoEscape() {
        #expect(
            Document(get("/v1/models/nvidia/llama-nemotron-rerank-vl-1b-v2"))["id"].string
                == "nvidia/llama-nemotron-rerank-vl-1b-v2")
    }

    @Test func theSandboxHasAModelOfItsOwn() {
        #expect(Document(get("/v1/models/sandbox:tokens=5"))["max_model_len"].int == 1_000_000)
    }

    @Test(arguments: ["none", "", "gpt-oss", "%ff"])
    func unknownModelsAreNotFound(_ id: String) {
        let response = get("/v1/models/\(id)")
        #expect(response.status == 404)
        #expect(Document(response)["error"]["code"].string == "model_not_found")
    }

    @Test func faultsHoldForModelsToo() {
        #expect(get("/v1/models/sandbox:fault=status-503").status == 503)
        #expect(get("/v1/models/sandbox:first=1s").beforeHead == [.pause(.seconds(1))])
    }
}
