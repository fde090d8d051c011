import SeededRandom
import Testing

@testable import Sandbox

@Suite struct BehaviourTests {
    private func behaviour(_ settings: String) throws -> Behaviour {
        try #require(try Behaviour(modelName: "sandbox:\(settings)"))
    }

    @Test func aNameWithoutSettingsIsTheStandard() throws {
        #expect(try Behaviour(modelName: "sandbox") == .standard)
    }

    @Test(arguments: ["gpt-oss:120b", "sandboxed", "sandbox-1", "Sandbox", "", "sandbo"])
    func otherNamesHaveNoBehaviour(_ name: String) throws {
        #expect(try Behaviour(modelName: name) == nil)
    }

    @Test func settingsCanBeCombined() throws {
        var expected = Behaviour.standard
        expected.tokens = 500
        expected.promptTokens = 7
        expected.cachedTokens = 3
        expected.reasoning = 2
        expected.size = 2048
        expected.first = .seconds(1)
        expected.interval = .milliseconds(10)
        expected.backend = .firstEvent
        expected.usage = .everyChunk
        expected.isAgent = true
        expected.isStrict = true
        expected.gzip = true
        expected.fault = .cutBefore
        #expect(
            try behaviour(
                "tokens=500,prompt_tokens=7,cached=3,reasoning=2,size=2KiB,first=1s,interval=10ms,backend=first-event,"
                    + "usage=every-chunk,agent=shell,strict=on,encoding=gzip,fault=cut-before") == expected)
    }

    @Test(arguments: [("0", 0), ("7", 7), ("0007", 7), ("10000000", 10_000_000)])
    func countsAreNumbers(_ text: String, _ count: Int) throws {
        #expect(try behaviour("tokens=\(text)").tokens == count)
        #expect(try behaviour("prompt_tokens=\(text)").promptTokens == count)
        #expect(try behaviour("cached=\(text)").cachedTokens == count)
        #expect(try behaviour("reasoning=\(text)").reasoning == count)
    }

    @Test(arguments: [("0", 0), ("5", 5), ("5KiB", 5120), ("256MiB", 256 << 20), ("268435456", 256 << 20)])
    func sizesHaveUnits(_ text: String, _ size: Int) throws {
        #expect(try behaviour("size=\(text)").size == size)
    }

    @Test(
        arguments: [
            ("0s", .zero), ("5us", .microseconds(5)), ("5ms", .milliseconds(5)), ("5s", .seconds(5)),
            ("60m", .seconds(3600)), ("3600s", .seconds(3600)),
        ] as [(String, Duration)])
    func durationsHaveUnits(_ text: String, _ duration: Duration) throws {
        #expect(try behaviour("first=\(text)").first == duration)
        #expect(try behaviour("interval=\(text)").interval == duration)
    }

    @Test(
        arguments: [
            ("both", true, true), ("header", true, false), ("body", false, true), ("first-event", false, false),
            ("none", false, false),
        ])
    func identitiesHavePlaces(_ place: String, _ header: Bool, _ body: Bool) throws {
        #expect(try behaviour("backend=\(place)").hasHeaderIdentity == header)
        #expect(try behaviour("backend=\(place)").hasBodyIdentity == body)
    }

    @Test func encodingsAreGzipOrNone() throws {
        #expect(try behaviour("encoding=gzip").gzip)
        #expect(try !behaviour("encoding=identity").gzip)
    }

    @Test(
        arguments: [
            ("status-400", .status(400)), ("status-500", .status(500)), ("status-599", .status(599)), ("stall", .stall),
            ("stall-before", .stallBefore), ("cut", .cut), ("cut-before", .cutBefore), ("reset", .reset),
            ("drip", .drip), ("malformed", .malformed), ("error-event", .errorEvent), ("no-done", .noDone),
            ("wrong-length", .wrongLength),
        ] as [(String, Behaviour.Fault)])
    func faultsHaveNames(_ text: String, _ fault: Behaviour.Fault) throws {
        #expect(try behaviour("fault=\(text)").fault == fault)
    }

    @Test(arguments: [
        "", "tokens", "tokens=", "=5", "tokens=-1", "tokens=+1", "tokens=1,tokens=2", "tokens=1,", ",tokens=1",
        "tokens=10000001", "tokens=99999999999999999999", "tokens=٣", "tokens=1.5", "Tokens=1", "interval=5",
        "interval=61m", "interval=5h", "interval=ms", "interval=-5ms", "interval=9999999999m", "first=3601s",
        "size=257MiB", "size=9999999999MiB", "size=KiB", "size=1kib", "size=1GiB", "fault=none", "fault=",
        "fault=status-200", "fault=status-399", "fault=status-600", "fault=status-", "colour=red", "usage=some",
        "backend=All", "encoding=br",
    ])
    func invalidSettingsAreRefused(_ settings: String) {
        let error = #expect(throws: SandboxError.self) { try Behaviour(modelName: "sandbox:\(settings)") }
        #expect(error?.status == 400)
        #expect(error?.code == "invalid_model")
        #expect(error?.param == "model")
    }

    @Test func messagesAreBounded() {
        let error = #expect(throws: SandboxError.self) {
            try Behaviour(modelName: "sandbox:" + String(repeating: "x", count: 100_000))
        }
        #expect((error?.message.count ?? .max) < 300)
    }

    @Test func changedNamesStopNothing() {
        var generator = SeededGenerator(seed: 2)
        let name = Array("sandbox:tokens=500,size=2MiB,first=59m,interval=10ms,fault=status-500".utf8)
        for _ in 0..<5000 {
            let changed = String(decoding: generator.mutated(name, with: Array("9,=:-KMiB\u{FF}".utf8)), as: UTF8.self)
            guard let behaviour = try? Behaviour(modelName: changed) else { continue }
            #expect(behaviour.first <= .seconds(3600))
            #expect((behaviour.size ?? 0) <= 256 << 20)
        }
    }
}
