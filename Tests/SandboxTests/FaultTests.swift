import Testing

@testable import Sandbox

@Suite struct FaultTests {
    let upstream = SandboxUpstream()

    @Test(arguments: [400, 429, 500, 503])
    func statusesAreAnswered(_ status: Int) {
        let answer = upstream.answer(to: chat("sandbox:fault=status-\(status)"))
        #expect(answer.status == status)
        #expect(Document(answer)["error"]["message"].string != nil)
        #expect((answer.header("retry-after") != nil) == (status == 429))
        #expect(upstream.totals.isEmpty)
    }

    @Test(arguments: [("stall", SandboxAnswer.Step.stall), ("cut", .cut), ("reset", .reset)])
    func brokenAnswersBreakAtHalf(_ fault: String, _ step: SandboxAnswer.Step) {
        let whole = upstream.answer(to: chat("sandbox:tokens=10"))
        let plain = upstream.answer(to: chat("sandbox:tokens=10,fault=\(fault)"))
        #expect(plain.steps.last == step)
        #expect(plain.declaredLength! > plain.wholeBody.count)
        #expect(plain.wholeBody.count > whole.wholeBody.count / 3)
        let stream = upstream.answer(to: chat("sandbox:tokens=10,fault=\(fault)", more: #""stream":true"#))
        #expect(stream.steps.last == step)
        #expect(events(stream.wholeBody).count == 6)
        // Of the stream what was sent, of the others all.
        #expect(upstream.total.completionTokens == 10 + 10 + 5)
    }

    @Test(arguments: ["stall-before", "cut-before"])
    func someAnswersNeverBegin(_ fault: String) {
        let answer = upstream.answer(to: chat("sandbox:fault=\(fault)"))
        #expect(answer.beforeHead == [fault == "cut-before" ? .cut : .stall])
        #expect(upstream.totals.isEmpty)
    }

    @Test func waitsStandWhereTheyAreAskedFor() {
        let answer = upstream.answer(to: chat("sandbox:tokens=2,first=5ms,interval=3ms", more: #""stream":true"#))
        #expect(answer.beforeHead == [.pause(.milliseconds(5))])
        let kinds = answer.steps.map {
            if case .bytes = $0 { "event" } else { $0 == .pause(.milliseconds(3)) ? "pause" : "?" }
        }
        #expect(kinds == ["event", "pause", "event", "pause", "event", "pause", "event", "pause", "event"])
    }

    @Test func dripsAreWholeInTheEnd() {
        for more in ["", #""stream":true"#] {
            let whole = SandboxUpstream().answer(to: chat("sandbox:tokens=9,backend=none", more: more)).text
            let drip = upstream.answer(to: chat("sandbox:tokens=9,backend=none,fault=drip", more: more))
            #expect(
                drip.text
                    == whole.replacing(
                        "sandbox:tokens=9,backend=none", with: "sandbox:tokens=9,backend=none,fault=drip"))
            #expect(drip.steps.allSatisfy { if case .bytes(let bytes) = $0 { bytes.count <= 7 } else { true } })
        }
    }

    @Test func otherFaultsAreWhatTheySay() {
        let streams = #""stream":true"#
        #expect(!Document(upstream.answer(to: chat("sandbox:fault=malformed"))).exists)
        let malformed = events(upstream.answer(to: chat("sandbox:fault=malformed", more: streams)).wholeBody)
        #expect(malformed.dropLast().count { !Document(Array($0.utf8)).exists } == 1)
        #expect(malformed.last == "[DONE]")
        let error = events(upstream.answer(to: chat("sandbox:fault=error-event", more: streams)).wholeBody)
        #expect(Document(Array(error.last!.utf8))["error"]["type"].string == "server_error")
        #expect(upstream.answer(to: chat("sandbox:fault=error-event")).status == 500)
        #expect(events(upstream.answer(to: chat("sandbox:fault=no-done", more: streams)).wholeBody).last != "[DONE]")
        let wrong = upstream.answer(to: chat("sandbox:fault=wrong-length"))
        #expect(wrong.declaredLength == wrong.wholeBody.count + 16)
    }

    @Test func gzipIsUsedWhereItIsAccepted() throws {
        for more in ["", #""stream":true"#] {
            var asking = chat("sandbox:encoding=gzip", more: more)
            let plain = SandboxUpstream().answer(to: asking)
            #expect(plain.header("content-encoding") == nil)
            asking.acceptsGzip = true
            let packed = SandboxUpstream().answer(to: asking)
            #expect(packed.header("content-encoding") == "gzip")
            #expect(try unpacked(packed.wholeBody) == plain.wholeBody)
        }
    }

    @Test func storedBlocksHoldAnyLength() throws {
        for count in [0, 1, 65_535, 65_536, 200_000] {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            #expect(try unpacked(StoredGzip.encode(bytes)) == bytes)
        }
    }

    @Test func checksumsAreTheStandards() {
        var checksum = CRC32()
        checksum.update("123456789".utf8)
        #expect(checksum.value == 0xCBF4_3926)
    }

    /// Takes stored blocks apart, checking their lengths.
    private func unpacked(_ bytes: [UInt8]) throws -> [UInt8] {
        var index = 10
        var plain: [UInt8] = []
        var isLast = false
        while !isLast {
            isLast = bytes[index] == 1
            let count = Int(bytes[index + 1]) | Int(bytes[index + 2]) << 8
            try #require(bytes[index + 3] == ~bytes[index + 1] && bytes[index + 4] == ~bytes[index + 2])
            plain += bytes[index + 5..<index + 5 + count]
            index += 5 + count
        }
        try #require(index + 8 == bytes.count)
        return plain
    }
}
