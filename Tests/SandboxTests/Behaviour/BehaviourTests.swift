import Testing

@testable import Sandbox

@Suite struct BehaviourTests {
    @Test func namesWithoutSettingsBehaveAsUsual() throws {
        #expect(try Behaviour(modelName: "sandbox") == .standard)
        #expect(try Behaviour(modelName: "gpt-oss:120b") == nil)
        #expect(try Behaviour(modelName: "sandboxed") == nil)
    }

    @Test func everySettingIsUnderstood() throws {
        let behaviour = try #require(
            try Behaviour(
                modelName: "sandbox:tokens=500,prompt_tokens=7,cached=3,reasoning=2,size=2KiB,first=1s,interval=10ms,"
                    + "backend=first-event,usage=every-chunk,encoding=gzip,fault=cut-before"))
        #expect(behaviour.tokens == 500)
        #expect(behaviour.promptTokens == 7)
        #expect(behaviour.cachedTokens == 3)
        #expect(behaviour.reasoning == 2)
        #expect(behaviour.size == 2048)
        #expect(behaviour.first == .seconds(1))
        #expect(behaviour.interval == .milliseconds(10))
        #expect(behaviour.backend == .firstEvent)
        #expect(behaviour.usage == .everyChunk)
        #expect(behaviour.gzip)
        #expect(behaviour.fault == .cutBefore)
    }

    @Test(arguments: [
        ("status-500", Behaviour.Fault.status(500)), ("status-418", .status(418)), ("stall", .stall),
        ("stall-before", .stallBefore), ("cut", .cut), ("reset", .reset), ("drip", .drip), ("malformed", .malformed),
        ("error-event", .errorEvent), ("no-done", .noDone), ("wrong-length", .wrongLength),
    ])
    func faults(_ text: String, _ fault: Behaviour.Fault) throws {
        #expect(try Behaviour(modelName: "sandbox:fault=\(text)")?.fault == fault)
    }

    @Test(arguments: [
        "sandbox:", "sandbox:tokens", "sandbox:tokens=", "sandbox:tokens=-1", "sandbox:tokens=1,tokens=2",
        "sandbox:tokens=1,",
        "sandbox:tokens=10000001", "sandbox:tokens=99999999999999999999", "sandbox:interval=5", "sandbox:interval=61m",
        "sandbox:size=257MiB", "sandbox:fault=none", "sandbox:fault=status-200", "sandbox:colour=red",
        "sandbox:usage=some",
    ])
    func nonsenseIsRefused(_ name: String) {
        #expect(throws: SandboxError.self) { try Behaviour(modelName: name) }
    }
}
