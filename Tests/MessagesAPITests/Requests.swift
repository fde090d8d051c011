import ChatFixtures
import MessagesAPI
import OpenAIAPI
import Testing

/// The chat request for a request of the Messages API with `members`, to which a model and messages are added.
func chat(
    _ members: String, messages: String = #"[{"role":"user","content":"hi"}]"#, forwardsReasoning: Bool = true
) throws(APIError) -> JSON? {
    let body = #"{"model":"m","messages":\#(messages)\#(members.isEmpty ? "" : ",")\#(members)}"#
    return try chatRequest(body, forwardsReasoning: forwardsReasoning, by: MessagesRequest.translated)
}

/// The translated request with `members`.
func translated(_ members: String = "") throws(APIError) -> TranslatedRequest {
    let body =
        #"{"model":"asked","messages":[{"role":"user","content":"hi"}]\#(members.isEmpty ? "" : ",")\#(members)}"#
    return try MessagesRequest.translated(Array(body.utf8), testContext())
}

/// The error of a request with `members`; nil if it is translated.
func refusal(_ members: String, messages: String = "[]") -> APIError? {
    do throws(APIError) {
        _ = try chat(members, messages: messages)
        return nil
    } catch { return error }
}

/// The members for thinking that is shown.
let thinking = #""thinking":{"type":"enabled","budget_tokens":1024}"#

/// A translated stream of the Messages API, as a client reads it.
struct MessagesStream {
    let events: [ServerEvent]

    /// Translates `stream`, and checks what holds for every stream.
    init(_ stream: ChatStream, _ members: String = "", sourceLocation: SourceLocation = #_sourceLocation) throws {
        let output = translatedStream([Array(stream.text.utf8)], by: try translated(members).response)
        try self.init(output, sourceLocation: sourceLocation)
    }

    init(_ output: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) throws {
        events = try #require(ServerEvent.all(in: output), sourceLocation: sourceLocation)
        for event in events { #expect(event.type == event.name, sourceLocation: sourceLocation) }
        let starts = events.filter { $0.name == "content_block_start" }.map { $0.data["index"]?.integer }
        #expect(starts == starts.indices.map { $0 }, sourceLocation: sourceLocation)
    }

    /// The names of the events, without the two that begin each message.
    var names: [String] { events.map(\.name).filter { $0 != "message_start" && $0 != "ping" } }

    /// The blocks, put together as the API's clients do.
    var blocks: [String] {
        var blocks: [String] = []
        for event in events {
            let delta = event.data["delta"]
            switch event.name {
            case "content_block_start":
                let block = event.data["content_block"]
                blocks.append(
                    [block?["type"]?.string, block?["name"]?.string].compactMap { $0 }.joined(separator: " ") + ":")
            case "content_block_delta":
                let text = delta?["text"] ?? delta?["thinking"] ?? delta?["partial_json"]
                blocks[blocks.count - 1] += text?.string ?? ""
            default: break
            }
        }
        return blocks
    }

    /// The event before the last one.
    var delta: JSON? { events.last { $0.name == "message_delta" }?.data }
    var stopReason: String? { delta?["delta"]?["stop_reason"]?.string }
}
