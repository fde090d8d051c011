import Testing

@testable import Sandbox

@Suite struct SpeechTests {
    let upstream = SandboxUpstream()

    private func respond(_ more: String = "", model: String = "voxtral", input: String = "Hello") -> SandboxResponse {
        upstream.respond(
            to: request("/v1/audio/speech", #"{"model":"\#(model)","voice":"a","input":"\#(input)"\#(more)}"#))
    }

    @Test func speechIsAWaveFile() {
        let response = respond()
        #expect(response.header("content-type") == "audio/wav")
        #expect(response.wholeBody.starts(with: "RIFF".utf8))
        #expect(response.wholeBody.count == 44 + 5 * 3200)
    }

    @Test func rawSpeechHasNoHeader() {
        let response = respond(#","response_format":"pcm""#)
        #expect(response.header("content-type") == "audio/pcm")
        #expect(response.wholeBody.count == 5 * 3200)
    }

    @Test func otherFormatsAreWaveFiles() {
        #expect(respond(#","response_format":"mp3""#).header("content-type") == "audio/wav")
    }

    @Test func theLengthIsUnknownAtTheStart() {
        #expect(respond().declaredLength == nil)
    }

    @Test func charactersAreUnicodeScalars() {
        _ = respond(input: "é東😀")
        #expect(upstream.total.characters == 3)
    }

    @Test(arguments: [(100, 100), (45, 44), (10, 44), (1 << 20, 1 << 20)])
    func theSizeIsThatOfTheFile(_ size: Int, _ count: Int) {
        // Samples have two bytes, and the header stays whole.
        #expect(respond(model: "sandbox:size=\(size)").wholeBody.count == count)
    }

    @Test func piecesHaveIntervals() {
        let steps = respond(model: "sandbox:size=40000,interval=2ms").steps
        #expect(steps.count { $0 == .pause(.milliseconds(2)) } == 2)
        #expect(steps.count == 5)
    }

    @Test(arguments: [("cut", SandboxResponse.Step.cut), ("stall", .stall), ("wrong-length", .cut)])
    func faultsComeAtHalf(_ fault: String, _ step: SandboxResponse.Step) {
        let response = respond(model: "sandbox:size=64KiB,fault=\(fault)")
        #expect(response.steps.last == step)
        #expect(response.wholeBody.count == 32 << 10)
    }

    @Test func malformedSpeechIsHalfOfIt() {
        #expect(respond(model: "sandbox:size=64KiB,fault=malformed").wholeBody.count == 32 << 10)
    }

    @Test(
        arguments: [
            (#"{"model":"voxtral","voice":"a"}"#, "input"), (#"{"model":"voxtral","voice":"a","input":""}"#, "input"),
            (#"{"model":"voxtral","input":"a"}"#, "voice"), (#"{"voice":"a","input":"a"}"#, "model"),
        ])
    func invalidRequestsAreRefused(_ body: String, _ param: String) {
        let response = upstream.respond(to: request("/v1/audio/speech", body))
        #expect(response.status == 400)
        #expect(Document(response)["error"]["param"].string == param)
    }
}
