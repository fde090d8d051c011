import SeededRandom
import Testing

@testable import Sandbox

@Suite struct AgentScriptTests {
    private static let exec = tool("exec_command", #"{"cmd":{"type":"string"},"workdir":{"type":"string"}}"#)
    private static let bash = tool("Bash", #"{"command":{"type":"string"}}"#)

    private static func tool(_ name: String, _ properties: String, required: String = "[]") -> String {
        #"{"type":"function","function":{"name":"\#(name)","parameters":{"type":"object","properties":\#(properties),"required":\#(required)}}}"#
    }

    private func call(_ messages: [String], _ tools: [String] = [exec], more: String = "") throws -> String? {
        let body =
            #"{"messages":[\#(messages.joined(separator: ","))],"tools":[\#(tools.joined(separator: ","))]\#(more)}"#
        guard let call = AgentScript.nextCall(in: try #require(JSONValue(body.utf8))) else { return nil }
        var json = JSONOutput()
        call.arguments.append(to: &json)
        return "\(call.name) \(String(decoding: json.bytes, as: UTF8.self))"
    }

    private func user(_ text: String) -> String { #"{"role":"user","content":"\#(text)"}"# }
    private static let result = #"{"role":"tool","content":"ok","tool_call_id":"c"}"#
    private static let assistant = #"{"role":"assistant","content":"I call"}"#

    @Test func commandsAreRunOneAResponse() throws {
        let asked = [user(#"Do it.\n$ ls\n  $ not this\n$ pwd"#)]
        #expect(try call(asked) == #"exec_command {"cmd":"ls"}"#)
        #expect(try call(asked + [Self.assistant, Self.result]) == #"exec_command {"cmd":"pwd"}"#)
        #expect(try call(asked + [Self.assistant, Self.result, Self.assistant, Self.result]) == nil)
    }

    @Test func theLastMessageWithCommandsCounts() throws {
        let first = [user(#"$ one"#), Self.result, Self.assistant]
        #expect(try call(first + [user("$ two")]) == #"exec_command {"cmd":"two"}"#)
        #expect(try call([user("$ one"), user("go on")]) == #"exec_command {"cmd":"one"}"#)
        #expect(try call([user("hello")]) == nil)
        #expect(try call([]) == nil)
    }

    @Test func partsAreReadAsText() throws {
        let parts = #"{"role":"user","content":[{"type":"text","text":"Do\n$ a"},{"type":"text","text":"$ b"}]}"#
        #expect(try call([parts]) == #"exec_command {"cmd":"a"}"#)
        #expect(try call([parts, Self.result]) == #"exec_command {"cmd":"b"}"#)
    }

    @Test func theToolIsTheOneThatRunsCommands() throws {
        let asked = [user("$ ls")]
        let slash = Self.tool("SlashCommand", #"{"command":{"type":"string"}}"#)
        let list = Self.tool("shell", #"{"command":{"type":"array"},"n":{"type":"integer"}}"#, required: #"["n"]"#)
        #expect(try call(asked, [slash, Self.bash]) == #"Bash {"command":"ls"}"#)
        #expect(try call(asked, [slash]) == #"SlashCommand {"command":"ls"}"#)
        #expect(try call(asked, [list]) == #"shell {"command":["bash","-c","ls"],"n":1}"#)
        #expect(try call(asked, [Self.tool("read", #"{"path":{"type":"string"}}"#)]) == nil)
        #expect(try call(asked, []) == nil)
        #expect(try call(asked, more: #","tool_choice":"none""#) == nil)
    }

    @Test func callsOfOtherToolsAreMadeAsTheyStand() throws {
        let asked = [user(#"Do it.\ncall exec_command {\"cmd\":\"a\\nb c\"}\n$ ls"#)]
        #expect(try call(asked) == #"exec_command {"cmd":"a\nb c"}"#)
        #expect(try call(asked + [Self.assistant, Self.result]) == #"exec_command {"cmd":"ls"}"#)
        #expect(try call(asked, [Self.bash]) == nil)
        #expect(try call(asked, more: #","tool_choice":"none""#) == nil)
    }

    @Test(arguments: [
        "call", "call me later", "call one {", "call one [1]", "Then call one {}", " call one {}", "call  {}",
    ])
    func otherLinesAreNoCalls(_ line: String) throws {
        #expect(try call([user(#"\#(line)\n$ ls"#)]) == #"exec_command {"cmd":"ls"}"#)
    }

    @Test func anyConversationHasAStepOrNone() throws {
        var generator = SeededGenerator(seed: 14)
        let body = Array(
            #"{"messages":[\#(user(#"$ ls\n$ pwd"#)),\#(Self.result)],"tools":[\#(Self.bash)],"tool_choice":"auto"}"#
                .utf8)
        for _ in 0..<2000 {
            let changed = generator.mutated(body, with: Array(#"{}[]",:-19e\"#.utf8))
            guard let request = JSONValue(changed) else { continue }
            if let call = AgentScript.nextCall(in: request) { #expect(call.arguments.object?.isEmpty == false) }
        }
    }
}
