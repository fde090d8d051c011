import Testing

@testable import Sandbox

@Suite struct FaultTests {
    let upstream = SandboxUpstream()

    @Test(arguments: [400, 429, 500, 503])
    func statusesAreErrors(_ status: Int) {
        let response = upstream.respond(to: chat("sandbox:fault=status-\(status)"))
        #expect(response.status == status)
        #expect(Document(response)["error"]["message"].string != nil)
        #expect((response.header("retry-after") != nil) == (status == 429))
        #expect(upstream.totals.isEmpty)
    }

    @Test(arguments: [("stall", SandboxResponse.Step.stall), ("cut", .cut), ("reset", .reset)])
    func brokenResponsesBreakAtHalf(_ fault: String, _ step: SandboxResponse.Step) {
        let whole = upstream.respond(to: chat("sandbox:tokens=10"))
        let plain = upstream.respond(to: chat("sandbox:tokens=10,fault=\(fault)"))
        #expect(plain.steps.last == step)
        #expect(plain.declaredLength! > plain.wholeBody.count)
        #expect(plain.wholeBody.count > whole.wholeBody.count / 3)
        let stream = upstream.respond(to: chat("sandbox:tokens=10,fault=\(fault)", more: #""stream":true"#))
        #expect(stream.steps.last == step)
        #expect(events(stream.wholeBody).count == 6)
        // All tokens of the plain responses, sent tokens of the stream.
        #expect(upstream.total.completionTokens == 10 + 10 + 5)
    }

    @Test(arguments: ["stall-before", "cut-before"])
    func someResponsesNeverBegin(_ fault: String) {
        let response = upstream.respond(to: chat("sandbox:fault=\(fault)"))
        #expect(response.beforeHead == [fault == "cut-before" ? .cut : .stall])
        #expect(upstream.totals.isEmpty)
    }

    @Test func pausesHaveTheirPlaces() {
        let response = upstream.respond(to: chat("sandbox:tokens=2,first=5ms,interval=3ms", more: #""stream":true"#))
        #expect(response.beforeHead == [.pause(.milliseconds(5))])
        let kinds = response.steps.map {
            if case .bytes = $0 { "event" } else { $0 == .pause(.milliseconds(3)) ? "pause" : "?" }
        }
        #expect(kinds == ["event", "pause", "event", "pause", "event", "pause", "event", "pause", "event"])
    }

    @Test func dripsAreComplete() {
        for more in ["", #""stream":true"#] {
            let whole = SandboxUpstream().respond(to: chat("sandbox:tokens=9,backend=none", more: more)).text
            let drip = upstream.respond(to: chat("sandbox:tokens=9,backend=none,fault=drip", more: more))
            #expect(
                drip.text
                    == whole.replacing(
                        "sandbox:tokens=9,backend=none", with: "sandbox:tokens=9,backend=none,fault=drip"))
            #expect(drip.steps.allSatisfy { if case .bytes(let bytes) = $0 { bytes.count <= 7 } else { true } })
        }
    }

    @Test func otherFaultsAreWhatTheirNamesSay() {
        let streams = #""stream":true"#
        #expect(!Document(upstream.respond(to: chat("sandbox:fault=malformed"))).exists)
        let malformed = events(upstream.respond(to: chat("sandbox:fault=malformed", more: streams)).wholeBody)
        #expect(malformed.dropLast().count { !Document(Array($0.utf8)).exists } == 1)
        #expect(malformed.last == "[DONE]")
        let error = events(upstream.respond(to: chat("sandbox:fault=error-event", more: streams)).wholeBody)
        #expect(Document(Array(error.last!.utf8))["error"]["type"].string == "server_error")
        #expect(upstream.respond(to: chat("sandbox:fault=error-event")).status == 500)
        #expect(events(upstream.respond(to: chat("sandbox:fault=no-done", more: streams)).wholeBody).last != "[DONE]")
        let wrong = upstream.respond(to: chat("sandbox:fault=wrong-length"))
        #expect(wrong.declaredLength == wrong.wholeBody.count + 16)
    }

    @Test func gzipIsUsedIfAccepted() throws {
        for more in ["", #""stream":true"#] {
            var asking = chat("sandbox:encoding=gzip", more: more)
            let plain = SandboxUpstream().respond(to: asking)
            #expect(plain.header("content-encoding") == nil)
            asking.acceptsGzip = true
            let packed = SandboxUpstream().respond(to: asking)
            #expect(packed.header("content-encoding") == "gzip")
            #expect(try gunzip(packed.wholeBody) == plain.wholeBody)
        }
    }
}

/// Faults as steps of events, without an endpoint around them.
@Suite struct BreakingStepTests {
    private func behaviour(_ fault: Behaviour.Fault?) -> Behaviour {
        var behaviour = Behaviour.standard
        behaviour.fault = fault
        return behaviour
    }

    @Test(
        arguments: [
            (.stall, .stall), (.cut, .cut), (.reset, .reset), (.wrongLength, .cut), (.drip, nil), (.malformed, nil),
            (.errorEvent, nil), (.noDone, nil), (.status(500), nil), (.cutBefore, nil), (.stallBefore, nil), (nil, nil),
        ] as [(Behaviour.Fault?, SandboxResponse.Step?)])
    func someFaultsBreakAStream(_ fault: Behaviour.Fault?, _ step: SandboxResponse.Step?) {
        #expect(behaviour(fault).breakingStep == step)
    }

    @Test(
        arguments: [(.status(503), 503, 503), (.errorEvent, nil, 500), (.cut, nil, nil), (nil, nil, nil)]
            as [(Behaviour.Fault?, Int?, Int?)])
    func someFaultsAreErrors(_ fault: Behaviour.Fault?, _ streamed: Int?, _ plain: Int?) {
        #expect(behaviour(fault).error(streams: true)?.status == streamed)
        #expect(behaviour(fault).error(streams: false)?.status == plain)
    }

    @Test func errorsKeepTheBehaviour() {
        var behaviour = behaviour(.status(500))
        behaviour.first = .seconds(1)
        #expect(behaviour.error(streams: false)?.behaviour.first == .seconds(1))
    }
}
