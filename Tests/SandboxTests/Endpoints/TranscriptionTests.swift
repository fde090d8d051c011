import Testing

@testable import Sandbox

@Suite struct TranscriptionTests {
    let upstream = SandboxUpstream()

    private func respond(
        _ fields: [String: String] = [:], bytes: Int = 16_000, path: String = "transcriptions", fileFirst: Bool = false
    ) -> SandboxResponse {
        upstream.respond(
            to: upload("/v1/audio/\(path)", fields, file: [UInt8](repeating: 1, count: bytes), fileFirst: fileFirst))
    }

    @Test func aFileWithoutAHeaderHas16000BytesASecond() {
        #expect(Document(respond(bytes: 400_000))["duration"].double == 25)
        #expect(upstream.total.audioMilliseconds == 25_000)
    }

    @Test func segmentsHaveTenSeconds() {
        let segments = Document(respond(bytes: 400_000))["segments"].elements
        #expect(segments.map { $0["start"].double } == [0, 10, 20])
        #expect(segments.map { $0["end"].double } == [10, 20, 25])
        #expect(segments.map { $0["id"].int } == [0, 1, 2])
    }

    @Test func aSecondHasTwoWords() {
        #expect(Document(respond(bytes: 400_000))["text"].string?.split(separator: " ").count == 50)
    }

    @Test(arguments: [true, false])
    func theFileMayStandAnywhere(_ fileFirst: Bool) {
        let response = respond(["language": "de"], fileFirst: fileFirst)
        #expect(response.status == 200)
        #expect(Document(response)["duration"].double == 1)
    }

    @Test func aWaveFileStatesItsLength() {
        let speech = upstream.respond(
            to: request(
                "/v1/audio/speech", #"{"model":"voxtral","voice":"a","input":"\#(String(repeating: "é", count: 30))"}"#)
        )
        let response = upstream.respond(
            to: upload("/v1/audio/transcriptions", ["model": "voxtral"], file: speech.wholeBody))
        #expect(Document(response)["duration"].double == 2)
    }

    @Test func verboseResponsesNameTaskAndLanguage() {
        let body = Document(respond(["response_format": "verbose_json", "language": "de"]))
        #expect(body["task"].string == "transcribe")
        #expect(body["language"].string == "de")
    }

    @Test func translationsAreEnglish() {
        let body = Document(respond(["response_format": "verbose_json", "language": "de"], path: "translations"))
        #expect(body["task"].string == "translate")
        #expect(body["language"].string == "en")
    }

    @Test func textIsPlain() {
        let response = respond(["response_format": "text"])
        #expect(response.text == "the gateway\n")
        #expect(response.header("content-type") == "text/plain; charset=utf-8")
    }

    @Test func subtitlesAreSubRip() {
        #expect(respond(["response_format": "srt"]).text == "1\n00:00:00,000 --> 00:00:01,000\nthe gateway \n\n")
    }

    @Test func captionsAreWebVTT() {
        let response = respond(["response_format": "vtt"])
        #expect(response.text == "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nthe gateway \n\n")
        #expect(response.header("content-type") == "text/vtt; charset=utf-8")
    }

    @Test func usageIsADurationAndSegments() {
        let none = Document(respond(["model": "sandbox:usage=none"]))
        #expect(!none.has("duration"))
        #expect(!none.has("segments"))
        let last = Document(respond(["model": "sandbox:usage=last-chunk"]))
        #expect(!last.has("duration"))
        #expect(last.has("segments"))
    }

    @Test func streamsHaveAnEventForEachWord() {
        let data = events(respond(["stream": "true"]).wholeBody)
        #expect(data.count == 4)
        #expect(Document(Array(data[0].utf8))["type"].string == "transcript.text.delta")
        #expect(Document(Array(data[2].utf8))["type"].string == "transcript.text.done")
        #expect(Document(Array(data[2].utf8))["usage"]["seconds"].double == 1)
        #expect(data[3] == "[DONE]")
    }

    @Test func streamsSayTheWholeText() {
        let data = events(respond(["stream": "true"], bytes: 160_000).wholeBody).map { Document(Array($0.utf8)) }
        let deltas = data.compactMap { $0["delta"].string }.joined()
        #expect(data.compactMap { $0["text"].string } == [String(deltas.dropLast())])
    }

    @Test func streamsHaveFaults() {
        #expect(events(respond(["stream": "true", "model": "sandbox:fault=no-done"]).wholeBody).last != "[DONE]")
        let error = events(respond(["stream": "true", "model": "sandbox:fault=error-event"]).wholeBody)
        #expect(Document(Array((error.last ?? "").utf8))["error"]["type"].string == "server_error")
        #expect(respond(["stream": "true", "model": "sandbox:fault=cut"]).steps.last == .cut)
    }

    @Test func invalidRequestsAreRefused() {
        #expect(Document(respond(["response_format": "cbor"]))["error"]["param"].string == "response_format")
        #expect(respond(["model": "none"]).status == 404)
        let empty = upstream.respond(to: upload("/v1/audio/transcriptions", ["model": "voxtral"], file: nil))
        #expect(Document(empty)["error"]["param"].string == "file")
        #expect(upstream.respond(to: request("/v1/audio/transcriptions", "{}")).status == 400)
        #expect(upstream.totals.isEmpty)
    }
}
