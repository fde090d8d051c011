import Testing

@testable import Sandbox

@Suite struct UsageTests {
    let upstream = SandboxUpstream()

    private func chat(_ model: String = "gpt-oss:20b", tokens: Int = 3, key: String = "key") {
        var request = request(
            "/v1/chat/completions",
            #"{"model":"\#(model)","max_tokens":\#(tokens),"messages":[{"role":"user","content":"Hello"}]}"#)
        request.authorization = "Bearer \(key)"
        _ = upstream.respond(to: request)
    }

    @Test func requestsOfAPayerAddUp() {
        chat(tokens: 3)
        chat(tokens: 4)
        let own = upstream.totals[SandboxPayer(authorization: "Bearer key", model: "gpt-oss:20b")]
        #expect(own?.requests == 2)
        #expect(own?.completionTokens == 7)
        #expect(own?.promptTokens == 12)
    }

    @Test func keysAndModelsArePayersOfTheirOwn() {
        chat()
        chat(key: "other")
        chat("gpt-oss:120b")
        #expect(upstream.totals.count == 3)
        #expect(upstream.total.requests == 3)
    }

    @Test func errorsAreFree() {
        chat("none")
        chat("sandbox:fault=status-500")
        #expect(upstream.totals.isEmpty)
    }

    @Test func responsesWithoutAHeadAreFree() {
        chat("sandbox:fault=stall-before")
        chat("sandbox:fault=cut-before")
        #expect(upstream.totals.isEmpty)
    }

    @Test func payersAreBounded() {
        for number in 0..<10_050 { chat(tokens: 1, key: "key\(number)") }
        #expect(upstream.totals.count == 10_001)
        #expect(upstream.totals[SandboxPayer(authorization: "", model: "")]?.requests == 50)
        #expect(upstream.total.requests == 10_050)
    }

    @Test func theReportHasARowForEachModel() {
        chat("gpt-oss:20b", tokens: 3)
        chat("gpt-oss:120b", tokens: 4)
        let rows = Document(upstream.respond(to: request("/sandbox/usage", method: "GET")))["data"]
        #expect(rows.elements.map { $0["model"].string } == ["gpt-oss:120b", "gpt-oss:20b"])
        #expect(rows.elements.map { $0["completion_tokens"].int } == [4, 3])
        #expect(rows[0]["is_batch"].bool == false)
    }

    @Test func aReportWithoutUsageIsEmpty() {
        let report = Document(upstream.respond(to: request("/sandbox/usage", method: "GET")))
        #expect(report["object"].string == "list")
        #expect(report["data"].count == 0)
    }

    @Test func sumsAreSaturated() {
        var large = SandboxUsage()
        large.audioMilliseconds = .max
        large.images = 1
        let sum = large + large
        #expect(sum.audioMilliseconds == .max)
        #expect(sum.images == 2)
    }

    @Test func everyUnitIsAdded() {
        var one = SandboxUsage()
        one.requests = 1
        one.promptTokens = 2
        one.completionTokens = 3
        one.reasoningTokens = 4
        one.searchUnits = 5
        one.audioMilliseconds = 6
        one.characters = 7
        one.images = 8
        var two = SandboxUsage()
        two.requests = 2
        two.promptTokens = 4
        two.completionTokens = 6
        two.reasoningTokens = 8
        two.searchUnits = 10
        two.audioMilliseconds = 12
        two.characters = 14
        two.images = 16
        #expect(one + one == two)
        #expect(one + SandboxUsage() == one)
    }
}
