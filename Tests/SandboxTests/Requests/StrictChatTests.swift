import SeededRandom
import Testing

@testable import Sandbox

@Suite struct StrictChatTests {
    private func param(_ members: String) -> String? {
        do throws(SandboxError) { try StrictChat.check(Array(#"{"model":"m",\#(members)}"#.utf8)) } catch {
            #expect(error.status == 400)
            return error.param ?? "no parameter"
        }
        return nil
    }

    private static let user = #"{"role":"user","content":"hi"}"#
    private static let calls =
        #"{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"b","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}}]}"#
    private static func result(_ id: String) -> String { #"{"role":"tool","content":"1","tool_call_id":"\#(id)"}"# }
    private static func messages(_ messages: String...) -> String {
        #""messages":[\#(messages.joined(separator: ","))]"#
    }
    private static let tools = #""tools":[{"type":"function","function":{"name":"f","parameters":{}}}]"#

    private static let chats: [String] = [
        messages(user),
        messages(#"{"role":"system","content":"s"}"#, user, #"{"role":"assistant","content":"a"}"#, user),
        messages(user, calls, result("b"), result("a"), user),
        messages(
            #"{"role":"user","content":[{"type":"text","text":"t"},{"type":"image_url","image_url":{"url":"u"}}]}"#),
        messages(#"{"role":"assistant","content":"a","reasoning_content":"r"}"#),
        messages(user) + "," + tools + #","tool_choice":"auto","parallel_tool_calls":false"#,
        messages(user) + "," + tools + #","tool_choice":{"type":"function","function":{"name":"f"}}"#,
        messages(user)
            + #","stream":true,"stream_options":{"include_usage":true},"max_tokens":1,"stop":["x"],"user":"u""#,
    ]

    @Test(arguments: chats) func chatsPass(members: String) { #expect(param(members) == nil) }

    private static let others: [(String, String)] = [
        (messages(user) + #","instructions":"x""#, "instructions"), (messages(user) + #","store":false"#, "store"),
        (messages(user) + #","metadata":{}"#, "metadata"), (messages(#"{"role":"developer","content":"x"}"#), "role"),
        (messages(#"{"content":"x"}"#), "role"), (messages(#"{"role":"user"}"#), "content"),
        (messages(#"{"role":"user","content":[]}"#), "content"),
        (messages(#"{"role":"user","content":[{"type":"input_text","text":"x"}]}"#), "content"),
        (messages(#"{"role":"user","content":[{"type":"text","text":"x","cache_control":{}}]}"#), "cache_control"),
        (messages(#"{"role":"system","content":[{"type":"image_url","image_url":{}}]}"#), "content"),
        (messages(#"{"role":"assistant","content":null}"#), "content"),
        (messages(#"{"role":"user","content":"x","type":"message"}"#), "type"),
        (messages(user, result("a")), "tool_call_id"), (messages(user, calls, result("a"), user), "messages[3]"),
        (messages(user, calls, result("a"), result("a")), "tool_call_id"), (messages(user, calls), "messages"),
        (messages(user, calls.replacing(#""{}""#, with: #""{""#)), "function"),
        (messages(user, calls.replacing(#""name":"f""#, with: #""name":"f g""#)), "function"),
        (messages(user, calls.replacing(#""id":"b""#, with: #""id":"a""#)), "function"),
        (messages(user) + #","tools":[{"type":"web_search"}]"#, "tools.function"),
        (messages(user) + #","tools":[{"type":"function","name":"f"}]"#, "name"),
        (messages(user) + "," + tools.replacing(#""parameters""#, with: #""input_schema""#), "input_schema"),
        (messages(user) + "," + tools + #","tool_choice":"any""#, "tool_choice"),
        (messages(user) + #","tool_choice":"auto""#, "tool_choice"),
        (messages(user) + "," + tools + #","tool_choice":{"type":"function","function":{"name":"g"}}"#, "tool_choice"),
        (messages(user) + #","reasoning_effort":"max""#, "reasoning_effort"), (messages("1"), "role"),
    ]

    @Test(arguments: others) func whatIsNoChatIsRefused(members: String, param name: String) {
        #expect(param(members) == name)
    }

    @Test func changedBodiesStopNothing() {
        var generator = SeededGenerator(seed: 15)
        let body = Array(
            "{\"model\":\"m\",\(Self.messages(Self.user, Self.calls, Self.result("a"))),\(Self.tools)}".utf8)
        for _ in 0..<2000 {
            let changed = generator.mutated(body, with: Array(#"{}[]",:-19e\"#.utf8))
            do throws(SandboxError) { try StrictChat.check(changed) } catch { #expect(error.status == 400) }
        }
    }
}
